/** What Temporal tells of the runs that messages have started. */
import type { Client } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import type { TrainingPipelineInput } from '../../../src/contracts/runs';
import { until } from '../faults/until';

/** A run and its input. */
export interface StartedRun {
  readonly workflowId: string;
  readonly input: TrainingPipelineInput;
}

/** All runs of a server. */
export interface StartedRuns {
  runs(): Promise<StartedRun[]>;
  /** The run with this reason (of this pipeline), once it is there: Temporal's list is a moment behind its starts. */
  runOf(reason: string, pipeline?: string): Promise<StartedRun>;
}

/** Reads each run's input once. */
export function startedRuns(client: Client): StartedRuns {
  const known = new Map<string, TrainingPipelineInput>();
  const runs = async (): Promise<StartedRun[]> => {
    const found: StartedRun[] = [];
    for await (const { workflowId } of client.workflow.list()) {
      const input = known.get(workflowId) ?? (await inputOf(client, workflowId));
      known.set(workflowId, input);
      found.push({ workflowId, input });
    }
    return found;
  };
  return {
    runs,
    runOf: (reason, pipeline) =>
      until(`a run${pipeline === undefined ? '' : ` of ${pipeline}`} because of ${reason}`, async () =>
        (await runs()).find(
          ({ input }) =>
            input.cause?.reason === reason && (pipeline === undefined || input.pipeline === pipeline),
        ),
      ),
  };
}

async function inputOf(client: Client, workflowId: string): Promise<TrainingPipelineInput> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
  const [payload] = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  if (!payload) throw new Error(`${workflowId} has no input`);
  return defaultPayloadConverter.fromPayload<TrainingPipelineInput>(payload);
}
