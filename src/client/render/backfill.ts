/** Backfills in words. */
import type { PartitionPlan } from '../../activities/backfill';
import type { BackfillStatus } from '../../contracts/backfill';
import { table } from './table';

/** Partitions that a dry run prints for people; all of them stand in the JSON. */
const PARTITIONS_SHOWN = 200;

/** One line of progress. */
export function progressLine(status: BackfillStatus): string {
  const { total, done, failed, cancelled, skipped, open, next } = status;
  const ended = done + failed + cancelled + skipped;
  const parts = [
    `${ended} of ${total ?? '?'}`,
    `${done} done`,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(cancelled > 0 ? [`${cancelled} cancelled`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(open > 0 ? [`${open} running`] : []),
    ...(next === null ? [] : [`next ${next}`]),
  ];
  return parts.join(', ');
}

/** All that is known of one, line by line. */
export function backfillLines(status: BackfillStatus): string[] {
  const { pipeline, mode, promote, state, parallel, outcomes, open, running, failures, failed } = status;
  return [
    `${pipeline}: ${progressLine(status)}`,
    `  ${state}; mode ${mode}, ${parallel} at a time, ${promote ? 'may promote' : 'promotes nothing'}`,
    ...Object.entries(outcomes).map(([outcome, count]) => `  ${outcome}: ${count}`),
    ...running.map(({ nominalDate, workflowId }) => `  running ${nominalDate}  ${workflowId}`),
    ...(open > running.length ? [`  … and ${open - running.length} more that run`] : []),
    ...failures.flatMap(({ nominalDate, workflowId, code, message }) => [
      `  failed  ${nominalDate}  ${workflowId}`,
      `          ${code}: ${message}`,
    ]),
    ...(failed > failures.length ? [`  … and ${failed - failures.length} more that failed`] : []),
    ...(failed > 0 && state === 'ended' ? [`  after the mend: the same command with --mode failed`] : []),
  ];
}

/** What a backfill would do. */
export function dryRunLines(plans: readonly PartitionPlan[]): string[] {
  const due = plans.filter((plan) => plan.due).length;
  return [
    ...table(
      ['partition', 'would', 'newest run', 'outcome'],
      plans
        .slice(0, PARTITIONS_SHOWN)
        .map(({ nominalDate, due: isDue, newest }) => [
          nominalDate,
          isDue ? 'run' : 'skip',
          newest?.workflowId ?? '',
          newest?.outcome ?? '',
        ]),
    ),
    ...(plans.length > PARTITIONS_SHOWN
      ? [`… and ${plans.length - PARTITIONS_SHOWN} more; --json shows all`]
      : []),
    `${due} of ${plans.length} partitions would run. Nothing was started.`,
  ];
}
