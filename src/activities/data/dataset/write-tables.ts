/** The activity `writeTables`: the sources as a Python function gets them. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import { didYouMean } from '../../../contracts/file-problems';
import type { PipelineSpec } from '../../../contracts/pipeline-file';
import {
  writeTablesInputSchema,
  type WriteTablesInput,
  type WriteTablesOutput,
} from '../../../contracts/steps';
import { tableFileOf } from '../../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { runCachedStep } from '../../cached-step';
import { withTables } from '../../long-work';
import { sameColumn } from '../../sql/column-names';
import { loadSpec } from '../../stored-spec';
import type { DataActivityDependencies } from '../dependencies';
import { openSource } from '../read/open-source';
import { LABELS_FILE } from '../step-files';
import { digestsOf, openAcquired, readingOf, type AcquiredSource } from './acquired-sources';
import { canonicalColumn } from './canonical-columns';
import { readTwice } from './explain-failure';

/** What a pipeline that trains predicts, and by which key it is joined to what the function made. */
interface Withheld {
  readonly source: string;
  readonly key: string;
  readonly label: string;
}

const PARQUET = '(FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE 61440)';

/**
 * Reads every source and writes it as Parquet, in the order of its files and in the types that a dataset has. The column of the label is in none of them:
 * what a model is to predict is joined by Millrace, by the key.
 * @throws SOURCE_EMPTY, SOURCE_UNREADABLE, DATASET_INVALID
 */
export async function writeTables(
  { store, engine, codeDigest }: DataActivityDependencies,
  given: WriteTablesInput,
): Promise<WriteTablesOutput> {
  const input = writeTablesInputSchema.parse(given);
  const { spec } = await loadSpec(store, input.spec);
  const sources = await openAcquired(store, spec, input.acquired);
  const withheld = withheldOf(spec);
  const { artifact, cached } = await runCachedStep(store, {
    identity: {
      step: 'tables',
      code: codeDigest,
      params: { sources: readingOf(sources), ...(withheld && { withheld }) },
      inputs: digestsOf(sources),
    },
    inputs: { acquired: input.acquired.digest },
    fresh: input.fresh,
    write: async (directory) => {
      const readable = sources.flatMap(({ files }) => files.map(({ blob }) => blob));
      await mkdir(join(directory, 'tables'));
      await withTables(engine, { readable, writable: [directory] }, async (session) => {
        for (const source of sources)
          await readTwice([source], false, (whole) =>
            writeSource(session, directory, source, withheld, whole),
          );
      });
      return null;
    },
  });
  return { artifact, cached };
}

/** Nothing is withheld from a function that makes a data set: it has no label. */
function withheldOf({ dataset, sources }: PipelineSpec): Withheld | undefined {
  const { key, label } = dataset;
  if (label === undefined) return undefined;
  const names = Object.keys(sources);
  const source = dataset.from ?? (names.length === 1 ? names[0] : undefined);
  if (source === undefined || key === undefined)
    throw new MillraceError('DATASET_INVALID', 'The dataset does not say which source has key and label.', {
      where: 'dataset',
      mend: `Say key: COLUMN and from: ${names.join(' or from: ')}.`,
    });
  return { source, key, label };
}

async function writeSource(
  session: TableSession,
  directory: string,
  source: AcquiredSource,
  withheld: Withheld | undefined,
  whole: boolean,
): Promise<void> {
  const relation = await openSource(session, source, whole);
  const columns = (await session.describe(relation)).map(canonicalColumn);
  const write = async (kept: typeof columns, file: string): Promise<void> => {
    const list = kept.map(({ name, sql }) => `${sql} AS ${quoteIdentifier(name)}`).join(', ');
    await session.run(
      `COPY (SELECT ${list} FROM (${relation})) TO ${quoteLiteral(join(directory, file))} ${PARQUET}`,
    );
  };
  if (withheld?.source === source.name) {
    const names = columns.map(({ name }) => name);
    requireColumn(withheld.key, 'key', source.name, names);
    requireColumn(withheld.label, 'label', source.name, names);
    await write(
      columns.filter(({ name }) => name === withheld.key || name === withheld.label),
      LABELS_FILE,
    );
  }
  const seen = columns.filter(({ name }) => withheld === undefined || !sameColumn(name, withheld.label));
  if (seen.length === 0)
    throw new MillraceError('DATASET_INVALID', `The source ${source.name} has nothing but the label.`, {
      where: `sources.${source.name}`,
      mend: 'Name another label, or another source.',
    });
  await write(seen, tableFileOf(source.name));
}

function requireColumn(name: string, role: string, source: string, names: readonly string[]): void {
  if (names.includes(name)) return;
  const near = didYouMean(name, names) || `; known are ${names.slice(0, 20).join(', ')}`;
  throw new MillraceError(
    'DATASET_INVALID',
    `The source ${source} has no column ${JSON.stringify(name)}${near}`,
    { where: `dataset.${role}`, mend: 'Name a column of it, or with from: the source that has it.' },
  );
}
