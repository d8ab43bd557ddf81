/** The patch of a job template: what it may not touch. Pure. */
import { z } from 'zod';

/** Name of the container that trains; a patch names it to change it. */
export const TRAINER_CONTAINER = 'main';

const POD = ['spec', 'template', 'spec'] as const;

/** What makes a Job findable, and what keeps it from training twice. A `*` stands for the rest of a key, alone for whatever is not a list. */
const GUARDED: readonly (readonly string[])[] = [
  ['metadata', 'name'],
  ['metadata', 'generateName'],
  ['metadata', 'namespace'],
  ...[['metadata'], ['spec', 'template', 'metadata']].flatMap((metadata) => [
    [...metadata, 'labels', 'app.kubernetes.io/managed-by'],
    [...metadata, 'labels', 'millrace.dev/*'],
    [...metadata, 'annotations', 'millrace.dev/*'],
  ]),
  ...[
    'completions',
    'parallelism',
    'completionMode',
    'backoffLimit',
    'backoffLimitPerIndex',
    'maxFailedIndexes',
    'podFailurePolicy',
    'podReplacementPolicy',
    'successPolicy',
    'selector',
    'manualSelector',
    'managedBy',
  ].map((key) => ['spec', key]),
  [...POD, 'restartPolicy'],
  // A mapping here, or nothing, would take the trainer away.
  [...POD, 'containers', '*'],
];

/** Paths of a patch that lead to what it may not touch, or would remove it with all that is around. */
export function guardedPathsOf(patch: Readonly<Record<string, unknown>>): string[][] {
  const touched = GUARDED.flatMap((path) => {
    const found = leadingTo(patch, path);
    return found === undefined ? [] : [found];
  });
  if (patchesTrainer(patch, ['restartPolicy', 'restartPolicyRules']))
    touched.push([...POD, 'containers', TRAINER_CONTAINER, 'restartPolicy']);
  if (patchesTrainer(patch, ['$patch'])) touched.push([...POD, 'containers', TRAINER_CONTAINER]);
  return [...new Map(touched.map((path) => [path.join('/'), path])).values()];
}

/** The way that `value` goes along `path`: to its end, or to something else than a mapping, which would take its place. */
function leadingTo(value: unknown, path: readonly string[]): string[] | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return [];
  if (step === '*') return Array.isArray(value) ? undefined : [];
  if (!isMapping(value)) return [];
  for (const [key, member] of Object.entries(value)) {
    if (!(step.endsWith('*') ? key.startsWith(step.slice(0, -1)) : key === step)) continue;
    const found = leadingTo(member, rest);
    if (found !== undefined) return [key, ...found];
  }
  return undefined;
}

/** Whether the patch has one of these keys for the container that trains. */
function patchesTrainer(patch: unknown, keys: readonly string[]): boolean {
  let found = patch;
  for (const step of [...POD, 'containers']) found = isMapping(found) ? found[step] : undefined;
  return (
    Array.isArray(found) &&
    found.some(
      (each) => isMapping(each) && each.name === TRAINER_CONTAINER && keys.some((key) => key in each),
    )
  );
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const mapping = z.record(z.string(), z.unknown());

/** A patch of the Job, merged as Kubernetes merges a strategic one: see `mergeStrategically`. */
export const jobPatchSchema = z
  .strictObject({ metadata: mapping.optional(), spec: mapping.optional() })
  .superRefine((patch, context) => {
    for (const path of guardedPathsOf(patch))
      context.addIssue({
        code: 'custom',
        path,
        message: 'cannot be patched: by it Millrace finds its jobs again, or keeps them from training twice',
      });
  });
/** What of a Job is to be other than Millrace makes it. */
export type JobPatch = z.infer<typeof jobPatchSchema>;
