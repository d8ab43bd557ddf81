/** The claims of scheduled runs: which interval a start is for, and that each interval is run once, also when Temporal has forgotten its run. */
import type { ScheduledRunActivities } from '../../contracts/activity-interfaces';
import { intervalBefore, isoInZone } from '../../contracts/cron';
import { scheduledRunIdFor } from '../../contracts/ids';
import type { TrainingPipelineInput } from '../../contracts/runs';
import {
  claimScheduledRunInputSchema,
  claimScheduledRunOutputSchema,
  confirmScheduledRunInputSchema,
  type ClaimScheduledRunInput,
  type ClaimScheduledRunOutput,
} from '../../contracts/scheduled-run';
import type { EventLedger } from '../../ports/event-ledger';
import { claimKeyFor } from './start-for-event';

/** Where claims lie. */
export interface ScheduledRunDependencies {
  readonly ledger: Pick<EventLedger, 'claimEvent' | 'confirmEvent'>;
}

/** What `scheduledRun` asks: queue `millrace-services`. Time zones are read here, since a workflow must find the same on every replay. */
export function createScheduledRunActivities({ ledger }: ScheduledRunDependencies): ScheduledRunActivities {
  return {
    claimScheduledRun: (input) => claimScheduledRun(ledger, input),
    confirmScheduledRun: async (input) => {
      const { key, runId } = confirmScheduledRunInputSchema.parse(input);
      await ledger.confirmEvent(key, runId);
    },
  };
}

async function claimScheduledRun(
  ledger: ScheduledRunDependencies['ledger'],
  rawInput: ClaimScheduledRunInput,
): Promise<ClaimScheduledRunOutput> {
  const { pipeline, environment, schedule, scheduledAt } = claimScheduledRunInputSchema.parse(rawInput);
  const interval = intervalBefore(schedule, new Date(scheduledAt));
  const workflowId = scheduledRunIdFor(pipeline, interval);
  const nominalDate = isoInZone(interval.start.getTime(), schedule.timezone);
  const key = claimKeyFor({ pipeline, kind: 'schedule', eventKey: workflowId });
  const input: TrainingPipelineInput = {
    pipeline,
    ...(environment !== undefined && { environment }),
    nominalDate,
    startedBy: 'schedule',
    cause: { kind: 'schedule', event: scheduledAt, key },
  };
  const claim = await ledger.claimEvent({ key, kind: 'schedule', pipeline, workflowId, input });
  return claimScheduledRunOutputSchema.parse({
    key,
    workflowId: claim.workflowId,
    nominalDate: claim.input.nominalDate ?? nominalDate,
    input: claim.input,
    ...(claim.runId !== undefined && { runId: claim.runId }),
  });
}
