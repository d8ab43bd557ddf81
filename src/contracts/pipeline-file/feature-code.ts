/** The section of the pipeline file about a Python function that makes the table. */
import { z } from 'zod';
import { durationSchema } from '../quantities';
import { resourcesSchema, retriesSchema } from './training';

const functionName = z
  .string()
  .regex(/^[^:]+\.py:[A-Za-z_]\w*$/, 'write FILE.py:FUNCTION')
  .describe(
    '`FILE:FUNCTION`, the file relative to the pipeline file; the function is `build(tables, params) -> table`.',
  );

/** The function with all that it may need. */
export const featureCodeSchema = z.strictObject({
  function: functionName,
  params: z
    .record(z.string(), z.unknown())
    .default({})
    .describe('What the function gets as `params`; `{{ params.NAME }}` hands on a parameter of the run.'),
  requirements: z
    .string()
    .optional()
    .describe("Requirements file in the project; its locked environment is part of the step's key."),
  include: z
    .array(z.string())
    .default([])
    .describe("Further files or folders of the user's code, relative to the pipeline file."),
  resources: resourcesSchema.omit({ gpu: true }).prefault({}),
  timeout: durationSchema.prefault('2h').describe('Of one attempt.'),
  retries: retriesSchema
    .prefault({})
    .describe('For what may go away by itself; an error that the function raises is final.'),
});
export type FeatureCode = z.infer<typeof featureCodeSchema>;

/** `features.python`: the function's name, or the function with what it needs. */
export const featurePythonSchema = z.union([functionName, featureCodeSchema]);

/** What a pipeline file says of its function, defaults applied; undefined where it has none. */
export function featureCodeOf({
  python,
}: {
  readonly python?: z.infer<typeof featurePythonSchema> | undefined;
}): FeatureCode | undefined {
  return typeof python === 'string' ? featureCodeSchema.parse({ function: python }) : python;
}

/** `lib/features.py:build` → the file, relative to the pipeline file, and the function in it. */
export function splitFunction(name: string): { readonly file: string; readonly function: string } {
  const separator = name.lastIndexOf(':');
  return { file: name.slice(0, separator), function: name.slice(separator + 1) };
}
