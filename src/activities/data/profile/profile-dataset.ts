/** The profile of a dataset: what its columns hold, for people and for the quality rules. */
import type { DatasetColumns, Profile } from '../../../contracts/profile';
import { ROW_ID_COLUMN } from '../../../contracts/trainer';
import { quoteIdentifier, type TableSession } from '../../../ports/table-engine';
import type { Target } from '../dataset/label';
import { columnFigures } from './column-figures';
import { SAMPLE_ROWS, sampleFigures } from './sample-figures';

/** A dataset as the profile and the rules see it. */
export interface ProfiledDataset {
  /** SQL of the table. */
  readonly table: string;
  readonly columns: DatasetColumns;
  readonly rows: number;
  readonly key: string | undefined;
  /** Absent where nothing is predicted. */
  readonly label?: { readonly name: string; readonly target: Target };
}

/** Two passes over all rows, one of them over the hashes of rows only, and one over a sample. */
export async function profileDataset(session: TableSession, dataset: ProfiledDataset): Promise<Profile> {
  const { table, columns } = dataset;
  const { rows, figures } = await columnFigures(session, table, columns, dataset.rows <= SAMPLE_ROWS);
  const sampled = await sampleFigures(session, table, columns, figures);
  const none = { percentiles: null, top: [], histogram: null };
  return {
    version: 1,
    rows,
    sampledRows: Math.min(rows, SAMPLE_ROWS),
    duplicates: await duplicates(session, dataset),
    ...(dataset.label && {
      label: {
        name: dataset.label.name,
        task: dataset.label.target.task,
        classes: await classCounts(session, dataset.table, dataset.label),
      },
    }),
    columns: figures.map((column, index) => ({ ...column, ...(sampled[index] ?? none) })),
  };
}

/** SQL that is equal for rows that are equal in all columns but the key. */
export function contentOf({ columns, key }: Pick<ProfiledDataset, 'columns' | 'key'>): string {
  const names = columns.filter(({ name }) => name !== key).map(({ name }) => quoteIdentifier(name));
  return names.length === 0 ? '0' : `hash(${names.join(', ')})`;
}

async function duplicates(session: TableSession, dataset: ProfiledDataset): Promise<number> {
  if (dataset.key === undefined) {
    // Without a key the row id is the content, with a number behind it for each repeat.
    const { repeats } = await session.row(
      `SELECT count(*) FILTER (contains(${quoteIdentifier(ROW_ID_COLUMN)}, '-')) AS repeats FROM ${dataset.table}`,
    );
    return Number(repeats);
  }
  const { repeats } = await session.row(
    `SELECT coalesce(sum(n - 1), 0) AS repeats FROM (SELECT count(*) AS n FROM ${dataset.table} GROUP BY ${contentOf(dataset)})`,
  );
  return Number(repeats);
}

async function classCounts(
  session: TableSession,
  table: string,
  { name: label, target }: NonNullable<ProfiledDataset['label']>,
): Promise<NonNullable<Profile['label']>['classes']> {
  if (target.task === 'regression') return [];
  const rows = await session.rows(
    `SELECT CAST(${quoteIdentifier(label)} AS VARCHAR) AS name, count(*) AS n FROM ${table} GROUP BY 1`,
  );
  const counts = new Map(rows.map(({ name, n }) => [name, Number(n)]));
  return target.classes.map((name) => ({ name, count: counts.get(name) ?? 0 }));
}
