/** The activity `publishDataset`: the checked table becomes a version of a data set, and a file where one is asked for. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import { datasetColumnsSchema } from '../../../contracts/profile';
import {
  publishDatasetInputSchema,
  type PublishDatasetInput,
  type PublishDatasetOutput,
} from '../../../contracts/steps';
import { quoteIdentifier, quoteLiteral } from '../../../ports/table-engine';
import { runCachedStep } from '../../cached-step';
import { withTables } from '../../long-work';
import { loadSpec } from '../../stored-spec';
import type { DataActivityDependencies } from '../dependencies';
import { COLUMNS_FILE, DATASET_FILE, TABLE_FILE } from '../step-files';
import { placeFile } from './place-file';

/**
 * Writes the table without row ids, and takes its bytes in as a blob: who reads the data set reads them, whatever is published later. Cached, but for the
 * file of `publish.to`, which is written each time: somebody may have changed it.
 * @throws PATH_OUTSIDE_ROOT, SOURCE_UNREADABLE when the file cannot be written
 */
export async function publishDataset(
  { store, engine, codeDigest }: DataActivityDependencies,
  given: PublishDatasetInput,
): Promise<PublishDatasetOutput> {
  const input = publishDatasetInputSchema.parse(given);
  const { spec, origin } = await loadSpec(store, input.spec);
  const { publish } = spec;
  if (publish === undefined)
    throw new MillraceError('DATASET_INVALID', `The pipeline ${spec.name} publishes no data set.`, {
      where: 'publish',
      mend: 'Name it: publish: { dataset: NAME }.',
    });
  const dataset = await store.open(input.dataset);
  const source = join(dataset.directory, DATASET_FILE);
  const published = await runCachedStep<{ rows: number }>(store, {
    identity: { step: 'published', code: codeDigest, params: {}, inputs: { dataset: dataset.ref.digest } },
    fresh: input.fresh,
    write: async (directory) => {
      const columns = datasetColumnsSchema.parse(
        JSON.parse(await readFile(join(dataset.directory, COLUMNS_FILE), 'utf8')),
      );
      const names = columns.map(({ name }) => quoteIdentifier(name)).join(', ');
      return withTables(engine, { readable: [source], writable: [directory] }, async (session) => {
        const table = `read_parquet(${quoteLiteral(source)})`;
        await session.run(
          `COPY (SELECT ${names} FROM ${table}) TO ${quoteLiteral(join(directory, TABLE_FILE))} (FORMAT parquet, COMPRESSION snappy)`,
        );
        const { rows } = await session.row(`SELECT count(*) AS rows FROM ${table}`);
        return { rows: Number(rows) };
      });
    },
  });
  const file = join(published.stored.directory, TABLE_FILE);
  const { sha256, bytes } = await store.putBlob(file);
  if (publish.to !== undefined) await placeFile(file, publish.to, origin.projectRoot);
  return {
    artifact: published.artifact,
    cached: published.cached,
    version: { artifact: published.artifact, sha256, bytes, rows: published.summary.rows },
    ...(publish.to !== undefined && { to: publish.to }),
  };
}
