/** Reading sources: what may be tried in another way, and what is to be said where that does not help. */
import { MillraceError } from '../../../contracts/errors';
import { engineMessage, messageOf, readError, unconvertedColumn } from '../read/read-errors';
import type { AcquiredSource } from './acquired-sources';

/**
 * Reads with types told by a sample, and once more with types told by all rows where the sample misled.
 * @throws what {@link explainFailure} makes of the error
 */
export async function readTwice<Result>(
  sources: readonly AcquiredSource[],
  hasSql: boolean,
  read: (whole: boolean) => Promise<Result>,
): Promise<Result> {
  try {
    return await read(false).catch(async (error: unknown) => {
      // The sample told a type that later rows do not have. A type that a person set is not put into question.
      const column = unconvertedColumn(error);
      const set = sources.some(({ source }) => column !== undefined && source.types?.[column] !== undefined);
      if (column === undefined || set) throw error;
      return await read(true);
    });
  } catch (error) {
    throw explainFailure(error, sources, hasSql);
  }
}

/** An error of the engine → one that says what is wrong with which file, or with the SQL. */
function explainFailure(error: unknown, sources: readonly AcquiredSource[], hasSql: boolean): unknown {
  if (error instanceof MillraceError) return error;
  const files = sources.flatMap((source) => source.files);
  const about = readError(error, files);
  if (about !== undefined) return about;
  const isSqlFault = /^(Binder|Catalog|Conversion|Invalid Input|Out of Range|Parser|Not implemented)/.test(
    messageOf(error),
  );
  if (!isSqlFault) return error;
  if (!hasSql) return misfit(error, sources) ?? error;
  return new MillraceError(
    'DATASET_INVALID',
    `The SQL of the dataset fails: ${engineMessage(error, files)}`,
    {
      where: 'dataset.sql',
      mend: 'Try it in DuckDB over the same files.',
      cause: error,
    },
  );
}

/** Without SQL of the user a value can only fail to have a type that the user set. */
function misfit(error: unknown, sources: readonly AcquiredSource[]): MillraceError | undefined {
  const typed = sources.find(({ source }) => source.types !== undefined);
  if (typed === undefined || !messageOf(error).startsWith('Conversion')) return undefined;
  return new MillraceError(
    'SOURCE_UNREADABLE',
    `The source ${typed.name} has a value that is not of the type set for it: ${engineMessage(error, typed.files)}`,
    {
      where: `sources.${typed.name}.types`,
      mend: 'Mend the value, or set another type for the column.',
      cause: error,
    },
  );
}
