/** The other side of the comparison: the activities and children of a no-op pipeline in the same order, and nothing else. */
import { executeChild, proxyActivities, workflowInfo } from '@temporalio/workflow';

/** What a raw activity does. */
interface RawActivities {
  noOp(): Promise<void>;
}

/** Queues and shape of a raw pipeline. */
export interface RawPipelineInput {
  readonly queues: { readonly data: string; readonly training: string; readonly services: string };
  readonly children: number;
}

/** Workflow of as many activities and children as `trainingPipeline` has with no-op candidates: the same chain, fan-out and chain. */
export async function rawPipeline(input: RawPipelineInput): Promise<void> {
  const { data, training, services } = queuesOf(input);
  await services.noOp(); // resolve
  const beside = services.noOp(); // start of the tracking
  for (let stage = 0; stage < 5; stage++) await data.noOp(); // acquire, dataset, validate, features, split
  await beside;
  const { workflowId } = workflowInfo();
  await Promise.all(
    Array.from({ length: input.children }, (_, index) =>
      executeChild(rawCandidate, { workflowId: `${workflowId}/${index}`, args: [input] }),
    ),
  );
  await services.noOp(); // find champion
  await training.noOp(); // score
  await data.noOp(); // hold-out
  await services.noOp(); // hand over
  await data.noOp(); // report
  await services.noOp(); // end of the tracking
  await services.noOp(); // announce
}

/** Child workflow of {@link rawPipeline}: as many activities as `trainCandidate` has. */
export async function rawCandidate(input: RawPipelineInput): Promise<void> {
  const { data, training, services } = queuesOf(input);
  await services.noOp(); // start of the tracking
  await training.noOp(); // train
  await data.noOp(); // evaluate
  await services.noOp(); // record
}

function queuesOf({ queues }: RawPipelineInput) {
  const on = (taskQueue: string) => proxyActivities<RawActivities>({ taskQueue, startToCloseTimeout: '1m' });
  return { data: on(queues.data), training: on(queues.training), services: on(queues.services) };
}
