/** Hunts: trainers that go on burning a machine, and MLflow runs that seem to go on, after their run was terminated or cancelled. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processesOf } from '../support/faults/processes';
import type { TrainerStart } from '../support/faults/project';
import { FAULT_TEST_MS, FaultStack, STACK_START_MS } from '../support/faults/stack';
import { until } from '../support/faults/until';

describe('runs that are ended from outside during training', () => {
  let stack: FaultStack;
  beforeAll(async () => {
    stack = await FaultStack.start();
  }, STACK_START_MS);
  afterAll(() => stack.stop(), STACK_START_MS);
  beforeEach(() => stack.project.clearNotes());

  /** Starts a run of two candidates that train for ever. */
  async function training(pipeline: string, weight: number) {
    const { project, runs } = stack;
    await project.writePipeline(pipeline, [
      { name: 'one', params: { behave: 'endless', weight } },
      { name: 'two', params: { behave: 'endless', weight: weight / 2 } },
    ]);
    const run = await runs.start(pipeline);
    const starts = await until('both train', () =>
      Promise.resolve(project.starts().length === 2 && project.starts()),
    );
    return { run, starts, handle: runs.client.workflow.getHandle(run.workflowId, run.runId) };
  }

  test(
    'a cancelled run leaves no process, no job, and no MLflow run that seems to run',
    async () => {
      const { runs } = stack;
      const { run, starts, handle } = await training('cancelled', 0.8);
      await handle.cancel();
      expect(await runs.ended(run)).toMatchObject({ outcome: 'cancelled', state: 'cancelled' });
      // At once: whoever reads that a run is cancelled may count on it.
      expect((await left(starts)).processes).toEqual([]);
      await until('no job counts as running', async () => (await left(starts)).jobs.length === 0);
      expect(await statuses('cancelled')).toEqual(['KILLED', 'KILLED', 'KILLED']);
    },
    FAULT_TEST_MS,
  );

  test(
    'a terminated run, which runs no code any more, is swept up after',
    async () => {
      const { starts, handle } = await training('terminated', 0.9);
      await handle.terminate('a test');
      await until('the sweep has ended the jobs', async () => (await left(starts)).processes.length === 0);
      await until('no job is left', async () => (await left(starts)).jobs.length === 0);
      await until('nothing seems to run in MLflow', async () =>
        (await statuses('terminated')).every((status) => status === 'KILLED'),
      );
    },
    FAULT_TEST_MS,
  );

  test(
    'a job that another run follows, too, goes on when one of them is ended',
    async () => {
      const { project, runs } = stack;
      await project.writePipeline('shared', [{ name: 'one', params: { hold: true, weight: 0.65 } }]);
      const first = await runs.start('shared', { until: 'compare' });
      await until('it trains', () => Promise.resolve(project.starts().length === 1));
      const second = await runs.start('shared', { until: 'compare' });
      await until('the second follows the same job', () => isFollowedBy(second.workflowId));
      await runs.client.workflow.getHandle(first.workflowId).cancel();
      expect(await runs.ended(first)).toMatchObject({ outcome: 'cancelled' });
      await project.letGo();
      expect(await runs.ended(second)).toMatchObject({ outcome: 'stopped', winner: 'one' });
      expect(project.starts()).toHaveLength(1);
    },
    FAULT_TEST_MS,
  );

  async function isFollowedBy(workflowId: string): Promise<boolean> {
    const [start] = stack.project.starts();
    const followers = await readFile(join(start?.job ?? '', '..', '..', 'followers.jsonl'), 'utf8');
    return followers.includes(workflowId);
  }

  /** What of these trainings is still there. */
  async function left(starts: readonly TrainerStart[]) {
    const jobs = await readdir(join(stack.project.root, '.millrace', 'jobs', 'running'));
    return { processes: starts.flatMap(({ job }) => processesOf(job)), jobs };
  }

  async function statuses(pipeline: string): Promise<string[]> {
    return (await stack.mlflowRuns(pipeline)).map(({ status }) => status);
  }
});
