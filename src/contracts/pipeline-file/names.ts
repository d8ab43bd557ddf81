/** Names in a pipeline file. */
import { z } from 'zod';

/** Name of a pipeline, model, candidate: it becomes part of workflow ids, job names and paths. */
export const slug = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'use lower-case letters, digits and hyphens, at most 63, starting and ending with a letter or digit',
  );

/** Name of a source or of a derived feature: it becomes an SQL identifier. */
export const identifier = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'use letters, digits and underscores, starting with a letter');

/** Name of a column, as it stands in the data; quoted wherever it meets SQL. */
export const columnName = z
  .string()
  .min(1)
  .max(255)
  .refine((name) => !name.startsWith('__'), 'names that begin with __ are reserved for Millrace');
