/** The section of the pipeline file about the data set that it publishes. */
import { z } from 'zod';
import { datasetName } from './starts';

/** Address of a published data set, as `uri` of a source. */
export const DATASET_SCHEME = 'dataset://';

export const publishSchema = z.strictObject({
  dataset: datasetName.describe(
    'Name of the data set: others read it as the source `dataset://NAME`, start upon it, or wait for it.',
  ),
  to: z
    .string()
    .regex(/\.(parquet|pq)$/i, 'name a Parquet file: data/features.parquet')
    .optional()
    .describe('File that is written too, below the data root; replaced in one go.'),
});
export type Publish = z.infer<typeof publishSchema>;

/** The name in `dataset://NAME`; undefined for another address. */
export function datasetNamedBy(uri: string): string | undefined {
  return uri.startsWith(DATASET_SCHEME) ? uri.slice(DATASET_SCHEME.length) : undefined;
}

/** Whether such a name can be one. */
export function isDatasetName(name: string): boolean {
  return datasetName.safeParse(name).success;
}
