// Catches a command line that starts, fills or stops servers of its own where the project names others, and a worker in the foreground that
// serves what it was not asked to, cannot bundle a user's workflows, or does not end when it is told to.
import { join } from 'node:path';
import { createMlflowClient } from 'mlflow-client-ts';
import { processesOf } from '../../support/faults/processes';
import { until } from '../../support/faults/until';
import { startMlflowServer, type MlflowServer } from '../../support/mlflow-server';
import { startDevServer, type DevServer } from '../../support/temporal';
import { CLI_TEST_MS, CliProject, type Running, type StatusDocument } from './cli-project';

const OWN_WORKFLOW = join(
  __dirname,
  ...['..', '..', '..', 'pipelines', 'examples', 'own-workflow', 'screen-then-train.ts'],
);

describe('the command line with servers of somebody else', () => {
  let temporal: DevServer;
  let mlflow: MlflowServer;
  let project: CliProject;
  const ending: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    const temporalStarts = startDevServer();
    const mlflowStarts = startMlflowServer();
    // Each is stopped even when the other does not start.
    for (const part of await Promise.allSettled([temporalStarts, mlflowStarts]))
      if (part.status === 'fulfilled') ending.unshift(() => part.value.stop());
    [temporal, mlflow] = [await temporalStarts, await mlflowStarts];
    project = await CliProject.create({
      TEMPORAL_ADDRESS: temporal.address,
      MLFLOW_TRACKING_URI: mlflow.uri,
    });
    ending.unshift(() => project.remove());
    await project.scripted.writePipeline('outside', [
      { name: 'one', params: { weight: 0.9 } },
      { name: 'two', params: { weight: 0.4 } },
    ]);
  }, CLI_TEST_MS);
  afterAll(async () => {
    for (const end of ending) await end();
  }, CLI_TEST_MS);

  const answers = async (): Promise<Record<string, boolean>> => {
    const { out } = await project.millrace('status', '--json');
    const { parts } = JSON.parse(out) as StatusDocument;
    return Object.fromEntries(parts.map((one) => [one.part, one.answers]));
  };

  test(
    'up starts the workers and the triggers alone, a run lands on both servers, down leaves them alive',
    async () => {
      expect(await answers()).toEqual({ temporal: true, mlflow: true, worker: false, serve: false });
      const up = await project.json(0, 'up');
      expect(up).toMatchObject({ temporal: null, mlflow: null });
      expect(project.stack()).toEqual({
        version: 1,
        worker: expect.anything() as unknown,
        serve: expect.anything() as unknown,
      });
      expect(await project.json(0, 'doctor')).toMatchObject({ ok: true });

      const run = await project.json<{ workflowId: string; mlflow: { runId: string } }>(0, 'run', 'outside');
      expect(run).toMatchObject({ winner: 'one' });
      const described = await project.temporal<{ workflowExecutionInfo: { status: string } }>(
        ...['workflow', 'describe', '--workflow-id', run.workflowId],
      );
      expect(described.workflowExecutionInfo.status).toBe('WORKFLOW_EXECUTION_STATUS_COMPLETED');
      const logged = await createMlflowClient({ trackingUri: mlflow.uri }).runs.get(run.mlflow.runId);
      expect(logged).toMatchObject({ status: 'FINISHED' });

      expect(await project.json(0, 'down')).toEqual({ stopped: ['worker', 'serve'] });
      expect(await answers()).toEqual({ temporal: true, mlflow: true, worker: false, serve: false });
      expect(processesOf(project.scripted.folder)).toEqual([]);
      expect(await project.json(0, 'runs')).toMatchObject([{ workflowId: run.workflowId }]);
    },
    CLI_TEST_MS,
  );

  test(
    'workers in the foreground serve the queues and workflows that they are asked to, and end with 0 on SIGTERM',
    async () => {
      const workers = [
        project.start('worker', '--queue', 'data', '--queue', 'services'),
        // From elsewhere: the project is the one that is named.
        project.startFrom(
          project.scripted.folder,
          ...['worker', '--queue', 'pipelines', '--queue', 'training', '--workflows', OWN_WORKFLOW],
        ),
      ];
      expect(await Promise.all(workers.map(servedQueues))).toEqual([
        ['data', 'services'],
        ['pipelines', 'training'],
      ]);
      await project.temporal(
        ...['workflow', 'start', '--type', 'screenThenTrain', '--task-queue', 'millrace-pipelines'],
        ...['--workflow-id', 'outside/screened/1'],
        ...['--input', JSON.stringify({ pipeline: 'outside', sampleRows: 200, finalists: 1 })],
      );
      const ended = await project.json<{ candidates: { name: string }[] }>(0, 'follow', 'outside/screened/1');
      expect(ended.candidates.map(({ name }) => name)).toEqual(['one']);

      for (const worker of workers) worker.process.kill('SIGTERM');
      expect((await Promise.all(workers.map((worker) => worker.ended))).map(({ code }) => code)).toEqual([
        0, 0,
      ]);
      expect(processesOf(project.scripted.folder)).toEqual([]);
    },
    CLI_TEST_MS,
  );

  test(
    'a server that is gone is named, with exit code 4, by what needs it',
    async () => {
      await temporal.kill();
      const refused = ['runs', 'run outside', 'worker'].map(async (words) => {
        const { error } = await project.json<{ error: { code: string } }>(4, ...words.split(' '));
        return error.code;
      });
      const doctor = await project.json<{ checks: { title: string; ok: boolean; found: string }[] }>(
        4,
        'doctor',
      );
      expect(await Promise.all(refused)).toEqual(Array(3).fill('TEMPORAL_UNAVAILABLE'));
      const checks = Object.fromEntries(doctor.checks.map((check) => [check.title, check]));
      expect(checks['Temporal server']).toMatchObject({
        ok: false,
        found: expect.stringContaining(temporal.address) as string,
      });
      expect(checks['MLflow server']).toMatchObject({ ok: true });
    },
    CLI_TEST_MS,
  );
});

/** Waits until a worker says that it serves, and returns its queues. */
async function servedQueues(worker: Running): Promise<string[]> {
  return until('the worker serves', () => {
    if (worker.process.exitCode !== null) throw new Error(`the worker ended: ${worker.said()}`);
    const line = worker
      .said()
      .split('\n')
      .find((one) => one.includes('"msg":"serving"'));
    return Promise.resolve(
      line === undefined ? undefined : (JSON.parse(line) as { queues: string[] }).queues,
    );
  });
}
