/** A worker of the one-activity workflow, as a process of its own that can be killed. Arguments: address, bundle, file of the stages. */
import { appendFileSync } from 'node:fs';
import { activityInfo } from '@temporalio/activity';
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { TrainingPipelineInput } from '../../../src/contracts/runs';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';

async function main([address = '', codePath = '', stages = '']: readonly string[]): Promise<void> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const connection = await NativeConnection.connect({ address });
  const worker = await Worker.create({
    connection,
    taskQueue: TASK_QUEUES.pipelines,
    workflowBundle: { codePath },
    // A dead worker holds the workflows that it had cached until its own queue is given up.
    stickyQueueScheduleToStartTimeout: '1s',
    activities: {
      firstStage(input: TrainingPipelineInput): Promise<void> {
        const { workflowExecution } = activityInfo();
        const line = {
          ...workflowExecution,
          event: input.cause?.event,
          sentAt: input.params?.sentAt,
          at: Date.now(),
        };
        appendFileSync(stages, `${JSON.stringify(line)}\n`);
        return Promise.resolve();
      },
    },
  });
  await worker.run();
}

void main(process.argv.slice(2));
