/** Files of the artifacts of this room, and the shapes of those that nobody outside it reads. */
import { z } from 'zod';
import { digestSchema } from '../../contracts/artifacts';

/** In the artifact of step acquire. */
export const SOURCES_FILE = 'sources.json';
/** In the artifact of step tables of a pipeline that trains: key and label. */
export const LABELS_FILE = 'labels.parquet';
/** In the artifact of step dataset. */
export const DATASET_FILE = 'dataset.parquet';
/** In the artifact of step dataset: the columns, as `DatasetColumns`. */
export const COLUMNS_FILE = 'columns.json';
/** In the artifact of step published. */
export const TABLE_FILE = 'table.parquet';
/** In the artifact of step profile. */
export const PROFILE_FILE = 'profile.json';
/** In the artifact of step quality. */
export const QUALITY_FILE = 'quality.json';

/** One file of a source as it was taken in. `path` is relative to the project's root. */
const acquiredFileSchema = z.object({
  path: z.string(),
  sha256: digestSchema,
  bytes: z.number().int().nonnegative(),
});
export type AcquiredFile = z.infer<typeof acquiredFileSchema>;

/** `sources.json`: source → its files, in the order of their paths. */
export const acquiredSourcesSchema = z.record(z.string(), z.array(acquiredFileSchema));
export type AcquiredSources = z.infer<typeof acquiredSourcesSchema>;
