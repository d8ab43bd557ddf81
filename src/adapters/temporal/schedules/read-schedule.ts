/** From what the server says of a Schedule to terms that can be compared, however it was changed. */
import { defaultPayloadConverter } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { parseCron, type CronFields } from '../../../contracts/cron';
import { OVERLAP_POLICIES } from '../../../contracts/pipeline-file';
import { formatDuration } from '../../../contracts/quantities';
import {
  cronText,
  jitterText,
  NOTHING,
  startsText,
  tidy,
  type ScheduleTerms,
} from '../../../contracts/schedule-terms';

/** What `describeSchedule` answers. */
export type ScheduleAnswer = Awaited<ReturnType<Client['workflowService']['describeSchedule']>>;
type Schedule = NonNullable<ScheduleAnswer['schedule']>;
type Spec = NonNullable<Schedule['spec']>;
type Calendar = NonNullable<Spec['structuredCalendar']>[number];
type Range = NonNullable<Calendar['minute']>[number];
type Seconds = { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined;

/** The terms that the server holds. */
export function readTerms({ spec, action, policies, state }: Schedule): ScheduleTerms {
  const times = {
    cron: cronText((spec?.structuredCalendar ?? []).map(expressionOf)),
    timezone: spec?.timezoneName === '' ? 'UTC' : (spec?.timezoneName ?? 'UTC'),
  };
  return {
    ...times,
    jitter: jitterText(secondsOf(spec?.jitter)),
    // The server's numbers: 0 is its default, skip; from 1 on they are in our order.
    overlap: OVERLAP_POLICIES[Math.max((policies?.overlapPolicy ?? 0) - 1, 0)] ?? 'unknown',
    catchUp: formatDuration(secondsOf(policies?.catchupWindow)),
    starts: startsOf(action, times),
    limits: limitsOf(spec, policies, state),
  };
}

/** A protocol duration in seconds. */
function secondsOf(duration: Seconds): number {
  return Number(duration?.seconds ?? 0) + (duration?.nanos ?? 0) / 1e9;
}

/** An instant of the protocol. */
export function dateOf(moment: Seconds): Date {
  return new Date(secondsOf(moment) * 1000);
}

/** The expression that a calendar was made from, where it still says the same; otherwise what it matches. */
function expressionOf(calendar: Calendar): string {
  const written = tidy(calendar.comment ?? '');
  const parsed = parseCron(written);
  const matched = matchedBy(calendar);
  return 'fields' in parsed && textOf(parsed.fields) === matched ? written : matched;
}

function matchedBy({ minute, hour, dayOfMonth, month, dayOfWeek, second, year }: Calendar): string {
  const seconds = valuesOf(second).join(',');
  const fields = textOf({
    minute: valuesOf(minute),
    hour: valuesOf(hour),
    dayOfMonth: valuesOf(dayOfMonth),
    month: valuesOf(month),
    dayOfWeek: [...new Set(valuesOf(dayOfWeek).map((day) => day % 7))].sort((a, b) => a - b),
  });
  const years = (year ?? []).length === 0 ? '' : ` in ${valuesOf(year).slice(0, 5).join(',')}`;
  return `${fields}${seconds === '0' ? '' : ` at seconds ${seconds}`}${years}`;
}

function textOf({ minute, hour, dayOfMonth, month, dayOfWeek }: CronFields): string {
  const field = (values: readonly number[], all: number): string =>
    values.length === all ? '*' : values.join(',');
  return [
    field(minute, 60),
    field(hour, 24),
    field(dayOfMonth, 31),
    field(month, 12),
    field(dayOfWeek, 7),
  ].join(' ');
}

function valuesOf(ranges: readonly Range[] | null | undefined): number[] {
  const values = (ranges ?? []).flatMap(({ start, end, step }) => {
    const [first, every] = [start ?? 0, Math.max(step ?? 1, 1)];
    const last = Math.max(end ?? 0, first);
    return Array.from(
      { length: Math.floor((last - first) / every) + 1 },
      (_, index) => first + index * every,
    );
  });
  return [...new Set(values)].sort((a, b) => a - b);
}

function startsOf(action: Schedule['action'], times: Pick<ScheduleTerms, 'cron' | 'timezone'>): string {
  const start = action?.startWorkflow;
  const payloads = start?.input?.payloads ?? [];
  const inputs = payloads.map((payload) => {
    try {
      return defaultPayloadConverter.fromPayload<unknown>(payload);
    } catch {
      return 'something that is not JSON';
    }
  });
  const input = inputs.length === 1 ? inputs[0] : inputs;
  const [type, queue] = [start?.workflowType?.name ?? 'nothing', start?.taskQueue?.name ?? ''];
  return startsText({ type, queue, input }, times);
}

/** What Millrace never sets: each would keep starts away, or add some. */
function limitsOf(spec: Schedule['spec'], policies: Schedule['policies'], state: Schedule['state']): string {
  const limits = [
    ...((spec?.interval ?? []).length > 0 ? ['further intervals'] : []),
    ...((spec?.excludeStructuredCalendar ?? []).length > 0 ? ['times left out'] : []),
    ...(spec?.startTime ? [`from ${dateOf(spec.startTime).toISOString()}`] : []),
    ...(spec?.endTime ? [`until ${dateOf(spec.endTime).toISOString()}`] : []),
    ...(policies?.pauseOnFailure === true ? ['pauses on failure'] : []),
    ...(state?.limitedActions === true ? [`${String(state.remainingActions ?? 0)} starts left`] : []),
  ];
  return limits.length === 0 ? NOTHING : limits.join(', ');
}
