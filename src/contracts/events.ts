/**
 * Events that start runs. Every event has a key that is a pure function of what happened; the run's workflow id is a pure function of the
 * pipeline and that key. So a repeated event finds the first one's run, in the ledger and in Temporal.
 */
import { z } from 'zod';
import { digestSchema } from './artifacts';
import { identifier } from './pipeline-file/names';

/** What can start a run. */
export const EVENT_KINDS = [
  'schedule',
  'backfill',
  'file',
  'object',
  'kafka',
  'upstream',
  'http',
  'manual',
] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Why a run started: kept in its input, shown by `show` and the report. Small, and never a secret. */
export const causeSchema = z.strictObject({
  kind: z.enum(EVENT_KINDS),
  /** One line for people: `data/incoming/day-3.csv`, `ml.training.requests[2]@17`. */
  event: z.string().max(500),
  /** Key of the claim in the ledger; absent for what makes no claim. */
  key: z.string().max(255).optional(),
  /** Workflow ids of the runs whose announcements led here. */
  upstream: z.array(z.string().max(1000)).max(50).optional(),
  /** Reason that the sender gave. */
  reason: z.string().max(500).optional(),
});
export type Cause = z.infer<typeof causeSchema>;

const KIND_WORDS: Readonly<Record<EventKind, string>> = {
  schedule: 'schedule',
  backfill: 'backfill',
  file: 'file',
  object: 'object',
  kafka: 'message',
  upstream: 'upstream',
  http: 'request',
  manual: 'hand',
};

/** A cause in one line: `file data/incoming/day-3.csv`, `message ml.training.requests[2]@17: the AUC fell`. */
export function causeInWords({ kind, event, reason }: Cause): string {
  return `${KIND_WORDS[kind]} ${event}${reason === undefined ? '' : `: ${reason}`}`;
}

/** Bytes that came with an event and lie in the store under their digest: whatever becomes of the file afterwards, the run reads these. */
export const arrivalSchema = z.strictObject({
  source: identifier,
  mode: z.enum(['append', 'replace']),
  /** Name as it was seen, for people and to tell the format. */
  name: z.string().min(1).max(1000),
  sha256: digestSchema,
  bytes: z.number().int().nonnegative(),
});
export type Arrival = z.infer<typeof arrivalSchema>;
