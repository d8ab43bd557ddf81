/** What a dataset is to be made of, checked against the columns that are there. */
import { MillraceError } from '../../../contracts/errors';
import { didYouMean } from '../../../contracts/file-problems';
import type { Dataset } from '../../../contracts/pipeline-file';
import type { TableSession } from '../../../ports/table-engine';
import { refuseCollisions, refuseReserved } from '../read/refuse-columns';
import { canonicalColumn, type CanonicalColumn } from './canonical-columns';
import { FEATURE_CODE } from './open-relation';

/** A dataset that can be written. */
export interface DatasetPlan {
  /** SQL of a SELECT. */
  readonly relation: string;
  /** For messages: the name of the source, or `dataset.sql`. */
  readonly origin: string;
  readonly columns: readonly CanonicalColumn[];
  readonly key: string | undefined;
  /** Rows that are equal in these columns are duplicates, of which one is kept. */
  readonly duplicateColumns: readonly string[] | undefined;
  /** Keep so many rows. */
  readonly sample: number | undefined;
}

/**
 * Looks at the columns of the relation.
 * @throws DATASET_INVALID for a key, label or column of `dropDuplicates` that is not there, and for names that a dataset cannot have.
 */
export async function planDataset(
  session: TableSession,
  dataset: Dataset,
  { relation, origin, sample }: Pick<DatasetPlan, 'relation' | 'origin' | 'sample'>,
): Promise<DatasetPlan> {
  const described = await session.describe(relation);
  const names = described.map(({ name }) => name);
  refuseCollisions(names, origin);
  refuseReserved(names, origin);
  if (dataset.label !== undefined) requireColumn(dataset.label, 'label', names, origin);
  if (dataset.key !== undefined) requireColumn(dataset.key, 'key', names, origin);
  if (dataset.key !== undefined && dataset.key === dataset.label)
    throw new MillraceError(
      'DATASET_INVALID',
      `The key and the label are the same column ${dataset.label}.`,
      {
        where: 'dataset.key',
        mend: 'Name the column that identifies a row, or leave the key out.',
      },
    );
  return {
    relation,
    origin,
    sample,
    key: dataset.key,
    columns: described.map(canonicalColumn),
    duplicateColumns: duplicateColumns(dataset, names, origin),
  };
}

function duplicateColumns(
  { dropDuplicates, key }: Dataset,
  names: readonly string[],
  origin: string,
): string[] | undefined {
  if (dropDuplicates === false) return undefined;
  if (dropDuplicates === true) return names.filter((name) => name !== key);
  for (const name of dropDuplicates) requireColumn(name, 'dropDuplicates', names, origin);
  return [...dropDuplicates];
}

function requireColumn(name: string, role: string, names: readonly string[], origin: string): void {
  if (names.includes(name)) return;
  const near = didYouMean(name, names) || `; known are ${names.slice(0, 20).join(', ')}, …`;
  throw new MillraceError('DATASET_INVALID', `There is no column ${JSON.stringify(name)}${near}`, {
    where: `dataset.${role}`,
    mend:
      origin === FEATURE_CODE
        ? 'Return it from the function of features.python; a pandas index becomes a column where it has a name.'
        : names.length === 1
          ? 'There is one column only: say which character separates the fields, as delimiter in the source.'
          : 'Use a name of the header as it is written there. For a file without a header line say header: false in its source; its columns are then column0, column1, …',
  });
}
