/** The ledger's record of a run, and who hears of it: queue `millrace-services`. */
import type { NotificationActivities } from '../../contracts/activity-interfaces';
import { MillraceError } from '../../contracts/errors';
import { notificationKeyFor } from '../../contracts/ids';
import type { AnnounceRunInput } from '../../contracts/steps';
import { announceRunInputSchema } from '../../contracts/steps';
import type { ArtifactStore } from '../../ports/artifact-store';
import type { Ledger } from '../../ports/ledger';
import type { NotificationChannel } from '../../ports/notification-channel';
import { loadSpec } from '../stored-spec';
import { describeEvent } from './describe-event';
import { keepRunLetter } from './run-letters';

/** Given by the worker's composition root. */
export interface NotificationActivityDependencies {
  readonly store: ArtifactStore;
  readonly ledger: Ledger;
  /** Channels of the environment by name, `console` and `file` among them. */
  readonly channels: Readonly<Record<string, NotificationChannel>>;
  /** Address of Temporal's page of a workflow. */
  readonly workflowUrl: (workflowId: string, runId: string) => string;
}

/** Told to the console unless the pipeline file says otherwise: these a person must act on. */
const TOLD_BY_DEFAULT: ReadonlySet<AnnounceRunInput['event']> = new Set([
  'failed',
  'rejected',
  'awaitingApproval',
  'sla',
]);

/** See {@link announceRunInputSchema}. */
export function createNotificationActivities(
  dependencies: NotificationActivityDependencies,
): NotificationActivities {
  return { announceRun: (input) => announceRun(dependencies, input) };
}

async function announceRun(
  dependencies: NotificationActivityDependencies,
  rawInput: AnnounceRunInput,
): Promise<void> {
  const input = announceRunInputSchema.parse(rawInput);
  const { ledger, channels, workflowUrl } = dependencies;
  const { status, event } = input;
  await ledger.recordRun({
    workflowId: status.workflowId,
    runId: status.runId,
    pipeline: status.pipeline,
    outcome: status.outcome ?? status.state,
    startedAt: input.startedAt,
    ...(input.endedAt !== undefined && { endedAt: input.endedAt }),
    ...(status.nominalDate !== undefined && { nominalDate: status.nominalDate }),
    status,
  });
  await keepRunLetter(ledger, input);
  for (const name of await channelsFor(dependencies, input)) {
    const channel = channels[name];
    if (!channel) {
      throw new MillraceError('PROJECT_FILE_INVALID', `the environment has no channel ${name}`, {
        where: `notify.${event}`,
        mend: `name one of ${Object.keys(channels).join(', ')}, or add it under channels in millrace.yaml`,
      });
    }
    const key = notificationKeyFor({
      workflowId: status.workflowId,
      runId: status.runId,
      event,
      channel: name,
    });
    if (await ledger.wasSent(key)) continue;
    await channel.send(describeEvent(input, workflowUrl(status.workflowId, status.runId)));
    await ledger.markSent(key);
  }
}

async function channelsFor(
  { store }: NotificationActivityDependencies,
  { spec: ref, event }: AnnounceRunInput,
): Promise<readonly string[]> {
  const fallback = TOLD_BY_DEFAULT.has(event) ? ['console'] : [];
  if (!ref) return fallback;
  const { spec } = await loadSpec(store, ref);
  const named: Readonly<Record<string, readonly string[] | undefined>> = spec.notify;
  return named[event] ?? fallback;
}
