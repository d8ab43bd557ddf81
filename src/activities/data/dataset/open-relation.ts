/** The relation that a dataset is made of: one source, or SQL over several. */
import { MillraceError } from '../../../contracts/errors';
import type { Dataset } from '../../../contracts/pipeline-file';
import { quoteIdentifier, type TableSession } from '../../../ports/table-engine';
import { asciiLower } from '../../sql/column-names';
import { refuseCollisions } from '../read/refuse-columns';
import { openSource, type OpenableSource } from '../read/open-source';
import { checkDatasetSql } from './check-sql';

/** SQL of a SELECT, and what to call it in messages. */
export interface OpenedRelation {
  readonly relation: string;
  readonly origin: string;
}

/** What a table that a Python function made is called in messages. */
export const FEATURE_CODE = 'features.python';

/** View that holds the user's SQL. */
const DATASET_VIEW = '__dataset';

/**
 * Opens the sources as views under their names.
 * @param whole look at all rows to tell types, since a sample misled
 */
export async function openRelation(
  session: TableSession,
  dataset: Dataset,
  sources: readonly OpenableSource[],
  whole: boolean,
): Promise<OpenedRelation> {
  if (dataset.sql === undefined) {
    const [only] = sources;
    if (only === undefined)
      throw new MillraceError('INTERNAL', 'A dataset without a source was to be opened.');
    return { relation: await openSource(session, only, whole), origin: only.name };
  }
  refuseSameNames(sources);
  const names = sources.map(({ name }) => name);
  const read = await checkDatasetSql(session, dataset.sql, names);
  for (const source of sources.filter(({ name }) => read.includes(name)))
    await session.run(
      `CREATE OR REPLACE TEMP VIEW ${quoteIdentifier(source.name)} AS ${await openSource(session, source, whole)}`,
    );
  // Described as it is written: a view would give two columns of one name different ones.
  const columns = await session.describe(dataset.sql);
  refuseCollisions(
    columns.map(({ name }) => name),
    'dataset.sql',
  );
  const list = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
  await session.run(`CREATE OR REPLACE TEMP VIEW ${DATASET_VIEW} AS ${dataset.sql}`);
  return { relation: `SELECT ${list} FROM ${DATASET_VIEW}`, origin: 'dataset.sql' };
}

function refuseSameNames(sources: readonly OpenableSource[]): void {
  const names = new Set(sources.map(({ name }) => asciiLower(name)));
  if (names.size < sources.length)
    throw new MillraceError('DATASET_INVALID', 'Two sources have names that differ in case only.', {
      where: 'sources',
      mend: 'Rename one of them: SQL does not tell them apart.',
    });
}
