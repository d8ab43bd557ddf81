/** The sections of the pipeline file about what starts a run: schedule, triggers, what it waits for, how many may be active. */
import { z } from 'zod';
import { outcomeSchema } from '../outcomes';
import { durationSchema, sizeSchema } from '../quantities';
import { identifier, slug } from './names';

/** What a schedule does when its last run is still open; Temporal's policies by their own names. */
export const OVERLAP_POLICIES = [
  'skip',
  'bufferOne',
  'bufferAll',
  'cancelOther',
  'terminateOther',
  'allowAll',
] as const;

/** Temporal's server takes no less. */
const LEAST_CATCH_UP_SECONDS = 10;

/** Starts at times, each for the interval that ends then. */
export const scheduleSchema = z.strictObject({
  cron: z
    .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
    .describe('Five fields (minute hour day month weekday), or @daily and the like; one or a list.'),
  timezone: z.string().min(1).default('UTC').describe('IANA name: Europe/Berlin.'),
  jitter: durationSchema
    .optional()
    .describe('A start is put off by a random time up to this, so that many pipelines do not start at once.'),
  overlap: z
    .enum(OVERLAP_POLICIES)
    .default('skip')
    .describe(
      'What happens when the last scheduled run is still open. Runs that something else started do not count.',
    ),
  catchUp: durationSchema
    .prefault('10s')
    .refine((seconds) => seconds >= LEAST_CATCH_UP_SECONDS, 'the least that Temporal takes is 10s')
    .describe('How late a start may come that Temporal missed while it was away.'),
});
export type Schedule = z.infer<typeof scheduleSchema>;

const source = identifier
  .optional()
  .describe('Source that gets the data; may be left out where the pipeline has one source only.');
const dataMode = z
  .enum(['append', 'replace'])
  .default('replace')
  .describe('Whether the run reads the new bytes beside what the source names, or instead of it.');
const dedupe = z
  .enum(['name+content', 'content'])
  .default('name+content')
  .describe('What makes two arrivals the same event: their bytes and their name, or their bytes alone.');

/** A start for every file that arrives complete. */
export const fileTriggerSchema = z.strictObject({
  path: z.string().min(1).describe('A file or glob, relative to the data root, which it may not leave.'),
  source,
  every: durationSchema.prefault('10s').describe('How often the folder is looked at.'),
  timeout: durationSchema
    .prefault('1h')
    .describe('A file that is not complete after this long becomes a dead letter.'),
  stable: durationSchema
    .prefault('5s')
    .describe('A file is complete when its size and time have not changed for this long.'),
  marker: z
    .string()
    .min(1)
    .optional()
    .describe('Instead: a file is complete when this stands behind its name as another file: `.done`.'),
  data: dataMode,
  dedupe,
  after: z
    .union([z.enum(['keep', 'delete']), z.strictObject({ move: z.string().min(1) })])
    .default('keep')
    .describe(
      'What becomes of the file once its run has started; `move` names a folder below the data root.',
    ),
});
export type FileTrigger = z.infer<typeof fileTriggerSchema>;

/** A start for every state of an object in a bucket. */
export const objectTriggerSchema = z.strictObject({
  uri: z
    .string()
    .regex(/^s3:\/\/[a-z0-9.-]{3,63}\/.*$/, 'write s3://BUCKET/PREFIX or s3://BUCKET/KEY')
    .describe('Every object below this prefix, or this one.'),
  source,
  every: durationSchema.prefault('10s').describe('How often the bucket is listed.'),
  minSize: sizeSchema.prefault('1').describe('Smaller objects are passed over.'),
  maxAge: durationSchema.optional().describe('Objects that were written longer ago are passed over.'),
  data: dataMode,
  dedupe,
});
export type ObjectTrigger = z.infer<typeof objectTriggerSchema>;

const scalar = z.union([z.string(), z.number(), z.boolean()]);
/** What a field of a message must be: this value, one of these, below or above a number. */
export const fieldConditionSchema = z.union([
  scalar,
  z.strictObject({ in: z.array(scalar).min(1) }),
  z.strictObject({ below: z.number() }),
  z.strictObject({ above: z.number() }),
]);
export type FieldCondition = z.infer<typeof fieldConditionSchema>;

/** Topic that a Kafka trigger listens to unless the file says otherwise. */
export const REQUESTS_TOPIC = 'ml.training.requests';

/** A start for every message that is for this pipeline. */
export const kafkaTriggerSchema = z.strictObject({
  topic: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,249}$/)
    .default(REQUESTS_TOPIC),
  where: z
    .record(z.string().min(1), fieldConditionSchema)
    .default({})
    .describe(
      'Field of the message (dots lead into objects) → the value it must have, or `{ below: 0.8 }`, `{ above: 1 }`, `{ in: [a, b] }`.',
    ),
});
export type KafkaTrigger = z.infer<typeof kafkaTriggerSchema>;

/** Outcomes of a run whose data or model can be used. */
const USABLE = ['deployed', 'registered', 'unchanged', 'published'] as const;
const allowed = z
  .array(outcomeSchema)
  .min(1)
  .default([...USABLE])
  .describe('Outcomes that count.');
/** Name of a data set: words with dots between. */
export const datasetName = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9.-]{0,126}[a-z0-9])?$/, 'use lower-case letters, digits, hyphens and dots');

const upstreamRefSchema = z.union([
  z.strictObject({ pipeline: slug, outcomes: allowed }),
  z.strictObject({ dataset: datasetName }),
]);
export type UpstreamRef = z.infer<typeof upstreamRefSchema>;

/** A start upon what others announce: one thing, each of several (`any`), or all of them together (`all`). */
export const upstreamTriggerSchema = z.union([
  upstreamRefSchema,
  z.strictObject({ all: z.array(upstreamRefSchema).min(1) }),
  z.strictObject({ any: z.array(upstreamRefSchema).min(1) }),
]);
export type UpstreamTrigger = z.infer<typeof upstreamTriggerSchema>;

/** What a trigger names, and the key that its list stands under: undefined for one that stands alone. */
export function namedUpstream(upstream: UpstreamTrigger): {
  readonly list: 'all' | 'any' | undefined;
  readonly references: readonly UpstreamRef[];
} {
  if ('all' in upstream) return { list: 'all', references: upstream.all };
  if ('any' in upstream) return { list: 'any', references: upstream.any };
  return { list: undefined, references: [upstream] };
}

/** One entry of `triggers`. */
export const triggerSchema = z.union([
  z.strictObject({ file: fileTriggerSchema }),
  z.strictObject({ object: objectTriggerSchema }),
  z.strictObject({ kafka: kafkaTriggerSchema }),
  z.strictObject({ upstream: upstreamTriggerSchema }),
]);
export type Trigger = z.infer<typeof triggerSchema>;

const waiting = {
  within: durationSchema
    .prefault('24h')
    .describe('An announcement that is older than this when the run starts does not count.'),
  failed: z
    .array(outcomeSchema)
    .default(['failed', 'cancelled', 'rejected'])
    .describe('Outcomes upon which the run fails instead of waiting on.'),
  timeout: durationSchema.prefault('1d').describe('The run fails when nothing has come after this long.'),
};
/** One entry of `waitFor`: what a run waits for inside. */
export const waitForSchema = z.union([
  z.strictObject({ pipeline: slug, outcomes: allowed, ...waiting }),
  z.strictObject({ dataset: datasetName, ...waiting }),
]);
export type WaitFor = z.infer<typeof waitForSchema>;

/** Who goes first at a pool, and in Temporal's queues: 1 is the most urgent, as with Temporal's priority keys. */
export const prioritySchema = z.number().int().min(1).max(5);
/** Priority of a run that names none. */
export const DEFAULT_PRIORITY = 3;
/** Priority of a backfill's runs: after everything that people and events wait for. */
export const BACKFILL_PRIORITY = 5;
