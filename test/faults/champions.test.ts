/** Hunts: a challenger that is measured unfairly against the champion, or let past one that nobody can measure. */
import { loggedModelUri } from 'mlflow-client-ts';
import type { PipelineFile } from '../../src/contracts/pipeline-file';
import type { RunStatus } from '../../src/contracts/runs';
import { FAULT_TEST_MS, FaultStack, STACK_START_MS } from '../support/faults/stack';
import type { StartedRun } from '../../src/client';
import { until } from '../support/faults/until';

const MODEL = 'champions';

describe('a challenger meets the champion', () => {
  let stack: FaultStack;
  beforeAll(async () => {
    stack = await FaultStack.start();
    await writePipeline(0.7);
    const first = await stack.runs.run(MODEL);
    expect(first).toMatchObject({ outcome: 'registered', model: { version: '1' } });
    expect(first.champion).toBeUndefined();
  }, STACK_START_MS);
  afterAll(() => stack.stop(), STACK_START_MS);
  beforeEach(() => makeChampion(1));

  test(
    'that is the same model: the run is unchanged, and registers nothing',
    async () => {
      await writePipeline(0.7);
      expect(await stack.runs.run(MODEL)).toMatchObject({ outcome: 'unchanged', model: { version: '1' } });
      expect(await versionCount()).toBe(1);
    },
    FAULT_TEST_MS,
  );

  test(
    'that was trained under another split seed: on the rows alone that it was not trained on, or a person decides',
    async () => {
      await writePipeline(0.95, { split: { seed: 7 } });
      const compared = await stack.runs.run(MODEL);
      expect(compared).toMatchObject({ outcome: 'registered', champion: { version: '1', comparable: true } });

      await writePipeline(0.95, {
        split: { seed: 7 },
        evaluation: { ...EVALUATION, minComparableRows: 70 },
        // What only gets a version needs nobody's leave; what goes into production does.
        deploy: { target: 'local' },
      });
      const run = await stack.runs.start(MODEL);
      expect((await untilAsked(run)).champion).toMatchObject({
        comparable: false,
        note: expect.stringMatching(/^only \d\d hold-out rows are left/) as string,
      });
      await reject(run);
      expect(await stack.runs.ended(run)).toMatchObject({ outcome: 'rejected' });
    },
    FAULT_TEST_MS,
  );

  test(
    'that has other features: each gets its own, from the same rows',
    async () => {
      await writePipeline(1, { features: { select: ['signal'] } });
      expect(await stack.runs.run(MODEL)).toMatchObject({
        outcome: 'registered',
        champion: { version: '1', comparable: true },
      });
    },
    FAULT_TEST_MS,
  );

  test(
    'that somebody registered without Millrace: it cannot be measured fairly, so a person decides',
    async () => {
      const { mlflow, runs } = stack;
      const own = await mlflow.modelVersions.get(MODEL, 1);
      const foreign = await mlflow.modelVersions.create({
        name: MODEL,
        source: loggedModelUri(own.modelId ?? ''),
        modelId: own.modelId,
      });
      await makeChampion(foreign.version);
      await writePipeline(0.9, { deploy: { target: 'local' } });
      const run = await runs.start(MODEL);
      expect((await untilAsked(run)).champion).toMatchObject({
        version: String(foreign.version),
        comparable: false,
        note: expect.stringContaining('was not registered by Millrace') as string,
      });
      await reject(run);
      expect(await runs.ended(run)).toMatchObject({ outcome: 'rejected' });
    },
    FAULT_TEST_MS,
  );

  test(
    'that is gone from the registry: there is nothing to beat, and the same model is registered anew',
    async () => {
      const { mlflow, runs } = stack;
      await mlflow.modelVersions.delete(MODEL, 1);
      await writePipeline(0.7);
      const status = await runs.run(MODEL);
      expect(status).toMatchObject({ outcome: 'registered' });
      expect(status.champion).toBeUndefined();
      expect(Number(status.model?.version)).toBeGreaterThan(1);
    },
    FAULT_TEST_MS,
  );

  const EVALUATION: PipelineFile['evaluation'] = {
    bootstrap: 100,
    minComparableRows: 20,
    gate: [{ metric: 'roc_auc', versusChampion: { tolerance: 0.5 } }],
  };

  function writePipeline(weight: number, changes: Partial<PipelineFile> = {}): Promise<void> {
    return stack.project.writePipeline(MODEL, [{ name: 'one', params: { weight } }], {
      registry: { model: MODEL },
      evaluation: EVALUATION,
      ...changes,
    });
  }

  function makeChampion(version: number): Promise<void> {
    return stack.mlflow.registeredModels.setAlias(MODEL, 'champion', version);
  }

  async function versionCount(): Promise<number> {
    let count = 0;
    for await (const version of stack.mlflow.modelVersions.search({ filter: `name = '${MODEL}'` }))
      count += version.version > 0 ? 1 : 0;
    return count;
  }

  function untilAsked(run: StartedRun): Promise<RunStatus> {
    return until('a person is asked', async () => {
      const status = await stack.runs.status(run);
      if (status.outcome !== undefined)
        throw new Error(`it ended as ${status.outcome}: ${status.reasons.join()}`);
      return status.state === 'awaiting-approval' && status;
    });
  }

  async function reject({ workflowId, runId }: StartedRun): Promise<void> {
    const handle = stack.runs.client.workflow.getHandle(workflowId, runId);
    await handle.executeUpdate('reject', { args: [{ by: 'ada', why: 'a test' }] });
  }
});
