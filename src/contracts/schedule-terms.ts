/** A pipeline's schedule as texts that can be compared and shown: what a file asks for, and what Temporal holds. */
import { canonicalJson } from './digest';
import type { Schedule } from './pipeline-file';
import { formatDuration } from './quantities';
import { scheduledRunInputSchema, type ScheduledRunInput } from './scheduled-run';

/** The terms, each a text for people. */
export const SCHEDULE_TERMS = [
  'cron',
  'timezone',
  'jitter',
  'overlap',
  'catchUp',
  'starts',
  'limits',
] as const;
/** What a schedule says, term by term. */
export type ScheduleTerms = Readonly<Record<(typeof SCHEDULE_TERMS)[number], string>>;

/** Said of `limits` where nothing ends or bounds a schedule, and of `jitter` where it starts on time. */
export const NOTHING = 'none';

/** A schedule to be put in force. */
export interface ScheduleOrder {
  readonly pipeline: string;
  readonly environment: string;
  readonly schedule: Schedule;
}

/** Input of the workflow that the schedule starts. */
export function scheduledRunInputFor({ pipeline, environment, schedule }: ScheduleOrder): ScheduledRunInput {
  return {
    pipeline,
    environment,
    schedule: { cron: [schedule.cron].flat(), timezone: schedule.timezone },
  };
}

/**
 * What a schedule starts, as one text. That the workflow is told the times of its schedule goes without saying; other times stand there in full.
 */
export function startsText(
  start: { readonly type: string; readonly queue: string; readonly input: unknown },
  times: { readonly cron: string; readonly timezone: string },
): string {
  const { data: input } = scheduledRunInputSchema.safeParse(start.input);
  const agrees =
    input !== undefined &&
    cronText(input.schedule.cron) === times.cron &&
    input.schedule.timezone === times.timezone;
  const shown = agrees ? { ...input, schedule: undefined } : start.input;
  return `${start.type} on ${start.queue} with ${canonicalJson(shown)}`;
}

/** The terms of an order, as {@link ScheduleTerms} of what Temporal holds read where nobody has changed it. */
export function termsOf(
  order: ScheduleOrder,
  start: { readonly type: string; readonly queue: string },
): ScheduleTerms {
  const { timezone, jitter = 0, overlap, catchUp } = order.schedule;
  const cron = cronText([order.schedule.cron].flat());
  return {
    cron,
    timezone,
    jitter: jitterText(jitter),
    overlap,
    catchUp: formatDuration(catchUp),
    starts: startsText({ ...start, input: scheduledRunInputFor(order) }, { cron, timezone }),
    limits: NOTHING,
  };
}

/** Several expressions as one text. */
export function cronText(expressions: readonly string[]): string {
  return expressions.map(tidy).join('; ');
}

/** How far starts are put off. */
export function jitterText(seconds: number): string {
  return seconds === 0 ? NOTHING : formatDuration(seconds);
}

/** A cron expression with single blanks. */
export function tidy(cron: string): string {
  return cron.trim().replace(/\s+/g, ' ');
}
