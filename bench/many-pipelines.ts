/** Many pipelines at once. */
import type { Figure, Scenario } from './scenario';
import { countSteps, eventsOf, familyOf, firstStepAfter } from './support/histories';
import { withNoOpFleet, type NoOpFleet, type RunKind } from './support/no-op-fleet';
import { percentile, timed } from './support/statistics';

const RUNS = 50;

/** See the file's head: the same number of raw workflows goes before it, on the same server and workers. */
export const manyPipelines: Scenario = {
  name: 'many-pipelines',
  question: `do ${RUNS} pipelines at once all succeed, and how soon and how fast do they go?`,
  run: ({ say }) =>
    withNoOpFleet(async (fleet) => {
      const raw = await atOnce(fleet, 'raw');
      say(`${RUNS} raw workflows: ${raw.stepsPerSecond.toFixed(0)} steps a second`);
      const pipelines = await atOnce(fleet, 'pipeline');
      for (const failure of pipelines.failures) say(failure);
      return [
        {
          name: 'pipelines that succeeded',
          value: RUNS - pipelines.failures.length,
          unit: 'runs',
          limit: { atLeast: RUNS },
        },
        ...[50, 95, 99].map((percent): Figure => ({
          name: `start to first stage, p${percent}`,
          value: percentile(pipelines.latencies, percent),
          unit: 'ms',
          note: `raw: ${percentile(raw.latencies, percent).toFixed(0)} ms`,
        })),
        {
          name: 'steps per second',
          value: pipelines.stepsPerSecond,
          unit: '1/s',
          note: `${pipelines.steps} activities and children in ${(pipelines.milliseconds / 1000).toFixed(1)} s; raw: ${raw.stepsPerSecond.toFixed(0)} 1/s`,
        },
        {
          name: `${RUNS} pipelines / ${RUNS} raw workflows`,
          value: pipelines.milliseconds / raw.milliseconds,
          unit: '×',
        },
      ];
    }),
};

async function atOnce({ client, run }: NoOpFleet, kind: RunKind) {
  const ids = Array.from({ length: RUNS }, (_, index) => `many-${kind}-${index}`);
  const { milliseconds, result } = await timed(() => Promise.allSettled(ids.map((id) => run(kind, id))));
  const latencies = await Promise.all(ids.map(async (id) => firstStepAfter(await eventsOf(client, id))));
  let steps = 0;
  for (const id of ids) {
    const { activities, children } = countSteps(await familyOf(client, id));
    steps += activities + children;
  }
  return {
    milliseconds,
    latencies,
    steps,
    stepsPerSecond: (steps / milliseconds) * 1000,
    failures: result.flatMap((one, index) =>
      one.status === 'rejected' ? [`${ids[index] ?? ''}: ${String(one.reason)}`] : [],
    ),
  };
}
