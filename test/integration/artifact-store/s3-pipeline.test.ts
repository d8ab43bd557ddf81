/**
 * Catches what only a whole run on a store in a bucket shows: work that goes to a host's own queues, a step that reads a folder of another host, an
 * artifact that only its writer can open. Two workers, each with its own project folder and cache, stand for two hosts.
 */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openArtifactStore } from '../../../src/adapters/artifact-store/open';
import { stageSchema } from '../../../src/contracts/runs';
import { s3StoreSchema } from '../../../src/contracts/project-file';
import { TASK_QUEUES } from '../../../src/contracts/task-queues';
import { killNow, killProcessesOf } from '../../support/faults/processes';
import { FaultProject } from '../../support/faults/project';
import { Runs } from '../../support/faults/runs';
import { STACK_START_MS } from '../../support/faults/stack';
import { WorkerProcess } from '../../support/faults/worker';
import { startMlflowServer, type MlflowServer } from '../../support/mlflow-server';
import { startS3Server, type S3Server } from '../../support/s3-server';
import { startDevServer, type DevServer } from '../../support/temporal';

let s3: S3Server;
let temporal: DevServer;
let mlflow: MlflowServer;
let project: FaultProject;
let runs: Runs;
let workers: WorkerProcess[] = [];
const atExit = (): void => killNow(project.folder);

beforeAll(async () => {
  project = await FaultProject.create();
  process.on('exit', atExit);
  [s3, temporal, mlflow] = await Promise.all([startS3Server(), startDevServer(), startMlflowServer()]);
  const { connection, bucket } = s3;
  const environment = {
    store: { s3: { ...connection, bucket, prefix: 'ml/store', cache: '.millrace/copies' } },
    s3: connection,
  };
  await writeFile(
    join(project.root, 'millrace.yaml'),
    JSON.stringify({ apiVersion: 'millrace/v1', environments: { local: environment } }),
  );
  await s3.put('incoming/rows.csv', await readFile(join(project.root, 'rows.csv')));
  await rm(join(project.root, 'rows.csv'));
  await project.writePipeline('on-s3', [{ name: 'one' }], {
    sources: { rows: { uri: `s3://${bucket}/incoming/*.csv` } },
    registry: { model: 'on-s3' },
  });
  const other = join(project.folder, 'other-host');
  await cp(project.root, other, { recursive: true });
  const variables = {
    TEMPORAL_ADDRESS: temporal.address,
    MLFLOW_TRACKING_URI: mlflow.uri,
    MILLRACE_TEST_FOLDER: project.folder,
  };
  const worker = (root: string, name: string, queues: readonly string[]): WorkerProcess =>
    new WorkerProcess(
      root,
      join(project.logs, `${name}.log`),
      variables,
      queues.flatMap((queue) => ['--queue', queue]),
    );
  workers = [
    worker(project.root, 'one', ['pipelines', 'training', 'services']),
    worker(other, 'two', ['data']),
  ];
  await Promise.all(workers.map((one) => one.start()));
  runs = await Runs.at(temporal.address);
}, STACK_START_MS);

afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.kill()));
  await runs.close();
  await killProcessesOf(project.folder);
  await Promise.all([s3.stop(), temporal.stop(), mlflow.stop()]);
  await project.remove();
  process.off('exit', atExit);
}, STACK_START_MS);

test('a pipeline runs from an object to a registered version, on the plain queues of two hosts; a third reads what it left', async () => {
  const run = await runs.start('on-s3');
  const status = await runs.ended(run);
  expect(status).toMatchObject({ outcome: 'registered', candidates: [{ name: 'one', state: 'done' }] });

  const children = status.candidates.flatMap(({ workflowId }) => workflowId ?? []);
  const queues = await Promise.all([run.workflowId, ...children].map(activityQueues));
  const plain: readonly string[] = Object.values(TASK_QUEUES);
  expect(queues.flat().filter((queue) => !plain.includes(queue))).toEqual([]);
  expect(new Set(queues.flat())).toEqual(
    new Set([TASK_QUEUES.data, TASK_QUEUES.training, TASK_QUEUES.services]),
  );

  const folder = await mkdtemp(join(tmpdir(), 'millrace-third-host-'));
  try {
    const { connection, bucket } = s3;
    const third = await openArtifactStore({
      projectRoot: folder,
      environment: { store: { s3: s3StoreSchema.parse({ ...connection, bucket, prefix: 'ml/store' }) } },
    });
    const artifacts = status.stages.flatMap(({ stage, artifact }) => (artifact ? [{ stage, artifact }] : []));
    expect(artifacts.map(({ stage }) => stageSchema.parse(stage))).toEqual(
      expect.arrayContaining(['acquire', 'dataset', 'features', 'split', 'holdout', 'report']),
    );
    for (const { artifact } of artifacts) {
      const { directory, manifest } = await third.open(artifact);
      expect((await readdir(directory)).length).toBeGreaterThan(0);
      expect(manifest.digest).toBe(artifact.digest);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  // Nothing lies where a store on a disk would.
  expect(existsSync(join(project.root, '.millrace', 'store'))).toBe(false);

  const again = await runs.run('on-s3');
  expect(again.stages.filter(({ state }) => state === 'cached').map(({ stage }) => stage)).toEqual(
    expect.arrayContaining(['acquire', 'dataset', 'features', 'split']),
  );
  expect(project.starts()).toHaveLength(1);
}, 150_000);

async function activityQueues(workflowId: string): Promise<string[]> {
  const { events } = await runs.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.taskQueue?.name ?? [],
  );
}
