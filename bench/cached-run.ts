/** A run whose steps are all cached, on the whole stack; and what runs leave in Temporal's history. */
import type { RunStatus, Stage } from '../src/contracts/runs';
import { modelReleaseIdFor } from '../src/contracts/ids';
import type { Figure, Scenario } from './scenario';
import { withCachedProject, type CachedProject } from './support/cached-project';
import { durationOf, eventsOf, familyOf, largestPayload } from './support/histories';
import { median, timed } from './support/statistics';

const REPETITIONS = 7;
const PAYLOAD_LIMIT = 16 * 1024;

/** See the file's head: real data, real trainings, the real store and MLflow; the first run of a pipeline fills the cache. */
export const cachedRun: Scenario = {
  name: 'cached-run',
  question: 'how soon is a run over whose steps are all cached, and what does its history hold?',
  run: ({ say }) =>
    withCachedProject(say, async (project) => {
      const first = await timed(() => project.run('small'));
      say(`the first run took ${(first.milliseconds / 1000).toFixed(1)} s: ${first.result.outcome ?? ''}`);
      const workflows: number[] = [];
      const commands: number[] = [];
      let last = first.result;
      for (let round = 0; round < REPETITIONS; round++) {
        const { milliseconds, result } = await timed(() => project.run('small'));
        assertAllCached(result);
        last = result;
        commands.push(milliseconds);
        workflows.push(durationOf(await eventsOf(project.client, result.workflowId)));
      }
      say(`${REPETITIONS} cached runs: ${last.outcome ?? ''}`);
      const large = await timed(() => project.run('large'));
      say(
        `with twenty times the data ${(large.milliseconds / 1000).toFixed(1)} s: ${large.result.outcome ?? ''}`,
      );
      return [
        {
          name: 'run with every step cached',
          value: median(workflows) / 1000,
          unit: 's',
          limit: { atMost: 2 },
          note: `five candidates, median of ${REPETITIONS}; slowest ${(Math.max(...workflows) / 1000).toFixed(2)} s`,
        },
        { name: 'the command `millrace run` around it', value: median(commands) / 1000, unit: 's' },
        { name: 'the first run, which trains', value: first.milliseconds / 1000, unit: 's' },
        ...(await historyFigures(project, 'first run', first.result)),
        ...(await historyFigures(project, 'cached run', last)),
        ...(await historyFigures(project, 'twenty times the data', large.result)),
      ];
    }),
};

/** Stages that have nothing to do when nothing changed; the others read the world each time. */
const CACHED_STAGES: readonly Stage[] = ['acquire', 'dataset', 'validate', 'features', 'split', 'train'];

/** @throws Error naming the first stage or candidate that was worked for. */
function assertAllCached({ workflowId, stages, candidates }: RunStatus): void {
  const worked = [
    ...stages.filter(({ stage, state }) => CACHED_STAGES.includes(stage) && state !== 'cached'),
    ...candidates.filter(({ state }) => state !== 'cached'),
  ][0];
  if (worked) throw new Error(`${workflowId} was not cached: ${JSON.stringify(worked)}`);
}

/** Of the run, its candidates and the owner of its model. */
async function historyFigures(
  { client }: CachedProject,
  name: string,
  { workflowId, model }: RunStatus,
): Promise<Figure[]> {
  const family = await familyOf(client, workflowId);
  const events = [...family.values()].reduce((total, one) => total + one.length, 0);
  if (model) {
    const owner = modelReleaseIdFor(model.name);
    family.set(owner, await eventsOf(client, owner));
  }
  const payload = largestPayload(family);
  return [
    {
      name: `${name}: largest payload`,
      value: payload.bytes,
      unit: 'bytes',
      limit: { atMost: PAYLOAD_LIMIT },
      note: payload.where,
    },
    {
      name: `${name}: events, children's included`,
      value: events,
      unit: 'events',
      limit: { below: 400 },
    },
  ];
}
