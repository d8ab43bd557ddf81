/** Names of the files in the artifacts of this room. */

/** In the artifact of step features: all columns of the dataset and the joined ones. */
export const JOINED_FILE = 'joined.parquet';
/** In the artifact of step features: a FeaturePacking. */
export const PACKING_FILE = 'packing.json';

/** In the artifact of step split. */
export const SPLIT_FILES = {
  rows: 'rows.parquet',
  train: 'train.parquet',
  validation: 'validation.parquet',
  holdout: 'holdout.parquet',
  /** How the sides were told apart. */
  split: 'split.json',
} as const;

/** In the artifact of step leakage. */
export const LEAKAGE_FILE = 'leakage.json';
