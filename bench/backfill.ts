/** A thousand partitions. */
import { BackfillSuite } from '../test/support/backfill/suite';
import { executionsOf } from '../test/support/backfill/executions';
import type { RawChildrenInput } from '../test/support/backfill/raw-children';
import { TASK_QUEUES } from '../src/contracts/task-queues';
import type { Scenario } from './scenario';
import { timed } from './support/statistics';

const PARTITIONS = 1000;
const PARALLEL = 20;
/** Fewer, for they take no longer each the more there are. */
const RAW = 250;
const PIPELINE = 'many-days';

/** See the file's head: raw children, as many at a time, go before it on the same server and workers. */
export const backfill: Scenario = {
  name: 'backfill',
  question: `does a backfill of ${PARTITIONS} partitions run each once, and how large do its histories become?`,
  async run({ say }) {
    const suite = await BackfillSuite.start();
    try {
      await suite.serve(['workflows', 'services', 'runs'], 100);
      const raw = await timed(() =>
        suite.client.workflow.execute<(input: RawChildrenInput) => Promise<void>>('rawChildren', {
          workflowId: 'raw',
          taskQueue: TASK_QUEUES.pipelines,
          args: [{ count: RAW, parallel: PARALLEL }],
        }),
      );
      say(`${RAW} raw children, ${PARALLEL} at a time: ${(raw.milliseconds / 1000).toFixed(1)} s`);
      const range = {
        from: '2020-01-01',
        to: new Date(Date.UTC(2020, 0, PARTITIONS)).toISOString().slice(0, 10),
      };
      const started = await suite.backfill({ pipeline: PIPELINE, range, parallel: PARALLEL });
      const { milliseconds, result } = await timed(() => started.result());
      const executions = await executionsOf(suite.client, started.workflowId);
      const days = suite.days(PIPELINE);
      const again = await timed(async () => (await suite.backfill({ pipeline: PIPELINE, range })).result());
      return [
        { name: 'partitions done', value: result.done, unit: 'runs', limit: { atLeast: PARTITIONS } },
        {
          name: 'run more than once',
          value: days.length - new Set(days).size,
          unit: 'runs',
          limit: { atMost: 0 },
        },
        {
          name: 'events of the largest history',
          value: Math.max(...executions.map(({ events }) => events)),
          unit: 'events',
          limit: { below: 10_000 },
          note: `${executions.length} executions: ${executions.map(({ events }) => events).join(', ')}`,
        },
        { name: 'backfill', value: milliseconds / 1000, unit: 's', note: `${PARALLEL} at a time` },
        {
          name: 'a partition / a raw child',
          value: milliseconds / PARTITIONS / (raw.milliseconds / RAW),
          unit: '×',
        },
        {
          name: 'started by the second backfill',
          value: again.result.done,
          unit: 'runs',
          limit: { atMost: 0 },
          note: `${again.result.skipped} skipped in ${(again.milliseconds / 1000).toFixed(2)} s`,
        },
      ];
    } finally {
      await suite.end();
    }
  },
};
