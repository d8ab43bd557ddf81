/** What Millrace's orchestration costs over Temporal's own. */
import type { Scenario } from './scenario';
import { countSteps, familyOf } from './support/histories';
import { withNoOpFleet, type NoOpFleet, type RunKind } from './support/no-op-fleet';
import { median, timed } from './support/statistics';

/** See the file's head. Both kinds of run take turns on one server and the same workers, so that what else the machine does meets both. */
export const orchestration: Scenario = {
  name: 'orchestration',
  question:
    'what does a pipeline of no-op candidates cost, compared with as many raw activities and child workflows?',
  run: ({ repetitions, say }) =>
    withNoOpFleet(async (fleet) => {
      const steps = await sameCount(fleet);
      const measured: Record<RunKind, number[]> = { pipeline: [], raw: [] };
      for (let round = 0; round < repetitions; round++) {
        for (const kind of inTurn(round)) {
          const { milliseconds } = await timed(() => fleet.run(kind, `${kind}-${round}`));
          measured[kind].push(milliseconds);
        }
      }
      say(`${measured.raw.length} runs of each kind`);
      const pipeline = median(measured.pipeline);
      const raw = median(measured.raw);
      return [
        {
          name: 'no-op pipeline / raw Temporal',
          value: pipeline / raw,
          unit: '×',
          limit: { atMost: 1.5 },
          note: `${steps.activities} activities and ${steps.children} children each, medians of ${measured.raw.length} in turn`,
        },
        { name: 'no-op pipeline', value: pipeline, unit: 'ms' },
        { name: 'raw Temporal', value: raw, unit: 'ms' },
      ];
    }),
};

/** The first of a pair changes, so that neither kind always follows the other. */
function inTurn(round: number): RunKind[] {
  return round % 2 === 0 ? ['pipeline', 'raw'] : ['raw', 'pipeline'];
}

/** Looks into the histories of the warm-up. @throws Error when both kinds do not have the same count of steps. */
async function sameCount({ client }: NoOpFleet): Promise<{ activities: number; children: number }> {
  const pipeline = countSteps(await familyOf(client, 'warm-up-pipeline'));
  const raw = countSteps(await familyOf(client, 'warm-up-raw'));
  if (pipeline.activities !== raw.activities || pipeline.children !== raw.children)
    throw new Error(
      `a pipeline has ${pipeline.activities} activities and ${pipeline.children} children, the raw workflow ${raw.activities} and ${raw.children}: make bench/support/raw-pipeline.ts as it is`,
    );
  return pipeline;
}
