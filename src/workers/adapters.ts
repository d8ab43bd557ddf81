/** The composition root, first half: every adapter that activities need, made once per process. */
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { openArtifactStore } from '../adapters/artifact-store/open';
import { createLocalEndpointHost } from '../adapters/endpoint/local';
import type { KubernetesOptions } from '../adapters/jobs/kubernetes';
import { createLocalJobBackend } from '../adapters/jobs/local';
import { openLedger } from '../adapters/ledger/open';
import { connectMlflow, mlflowTarget, trackingEnvironmentFor } from '../adapters/mlflow/connect';
import { createMlflowRegistry } from '../adapters/mlflow/model-registry';
import { createMlflowTracking } from '../adapters/mlflow/model-tracking';
import { createConsoleChannel } from '../adapters/notification/console';
import { createFileChannel } from '../adapters/notification/file';
import { createObjectReader } from '../adapters/object-storage/object-reader';
import { createPipelineCatalog, type Project } from '../adapters/project';
import { findInstallation } from '../adapters/project/installation';
import { STATE_FOLDER, type StackRecord } from '../adapters/project/stack-record';
import { createDuckDbEngine } from '../adapters/table-engine/duckdb';
import { workflowUrlFor, type TemporalTarget } from '../adapters/temporal/connection';
import { createPoolMessenger } from '../adapters/temporal/pool-messenger';
import { createRunDirectory } from '../adapters/temporal/run-directory';
import { createRunMessenger } from '../adapters/temporal/run-messenger';
import { createRunStarter } from '../adapters/temporal/run-starter';
import { createWaiterMessenger } from '../adapters/temporal/waiter-messenger';
import { createTrainerEnvironments } from '../adapters/trainer-environment';
import type { Environment } from '../contracts/project-file';
import type { NotificationChannel } from '../ports/notification-channel';
import { heartbeatingStore } from './heartbeating-store';

/** What the adapters are made from. */
export interface AdapterSettings {
  readonly project: Project;
  readonly environment: Environment;
  readonly environmentName: string;
  /** Whether this worker launches jobs: only such a one has the folder of the jobs and the rights on the cluster. */
  readonly launchesJobs: boolean;
  readonly stack: StackRecord;
  readonly temporal: TemporalTarget;
  readonly client: Client;
}

/** Every adapter of a worker process. */
export type Adapters = Awaited<ReturnType<typeof createAdapters>>;

/** Makes the adapters. Paths of the environment are relative to the project's root. */
export async function createAdapters({
  project,
  environment,
  environmentName,
  launchesJobs,
  stack,
  temporal,
  client,
}: AdapterSettings) {
  const installation = findInstallation();
  const state = path.join(project.root, STATE_FOLDER);
  const store = heartbeatingStore(await openArtifactStore({ projectRoot: project.root, environment }));
  const mlflow = await mlflowTarget(environment.mlflow, { stack, projectRoot: project.root });
  const mlflowClient = connectMlflow(mlflow);
  const channels: Record<string, NotificationChannel> = {
    console: createConsoleChannel(),
    file: createFileChannel(path.join(state, 'notifications.jsonl')),
  };
  for (const [name, channel] of Object.entries(environment.channels)) {
    if (channel.type === 'file') channels[name] = createFileChannel(path.resolve(project.root, channel.path));
    else if (channel.type === 'console') channels[name] = createConsoleChannel();
  }
  const { kubernetes } = environment;
  const settings = kubernetes && { ...kubernetes, deployment: kubernetes.deployment ?? environmentName };
  const cluster = launchesJobs && settings ? await connectKubernetes(settings, project.root) : undefined;
  return {
    store,
    objects: createObjectReader({ projectRoot: project.root, environment }),
    engine: createDuckDbEngine({}),
    ledger: await openLedger({ projectRoot: project.root, environment }),
    catalog: createPipelineCatalog({ project, environment }),
    backend: await createLocalJobBackend({
      // Pods find their job directories where the worker made them.
      root: cluster && settings ? settings.jobs.path : path.join(state, 'jobs'),
      trainersPath: installation.trainers,
      ...(cluster && { cluster }),
    }),
    cluster: settings,
    closeCluster: () => cluster?.close() ?? Promise.resolve(),
    environments: createTrainerEnvironments({
      basePython: path.join(installation.pythonPrograms, 'python'),
      baseLock: path.join(installation.trainers, 'requirements.lock'),
      trainersPath: installation.trainers,
      cacheRoot: path.join(state, 'environments'),
    }),
    endpoints: createLocalEndpointHost({
      root: path.join(state, 'endpoints'),
      trainersPath: installation.trainers,
      environment: process.env,
    }),
    tracking: createMlflowTracking(mlflowClient),
    models: createMlflowRegistry(mlflowClient),
    trackingEnvironment: trackingEnvironmentFor(mlflow),
    runs: createRunDirectory(client),
    messenger: createRunMessenger(client),
    pools: createPoolMessenger(client),
    starter: createRunStarter(client),
    waiters: createWaiterMessenger(client),
    channels,
    workflowUrl: workflowUrlFor(temporal),
  };
}

/** The client of Kubernetes is large: only who trains on a cluster loads it. */
async function connectKubernetes(settings: KubernetesOptions['settings'], root: string) {
  const { createKubernetesRunner } = await import('../adapters/jobs/kubernetes/index.js');
  const { kubeconfig } = settings;
  return createKubernetesRunner({
    settings,
    ...(kubeconfig !== undefined && { kubeconfig: path.resolve(root, kubeconfig) }),
  });
}
