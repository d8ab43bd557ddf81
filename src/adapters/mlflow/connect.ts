/** Where MLflow is, and how one identifies oneself there. */
import { createMlflowClient, type MlflowClient, type MlflowClientOptions } from 'mlflow-client-ts';
import { MillraceError } from '../../contracts/errors';
import type { Environment } from '../../contracts/project-file';
import { readSecret } from '../project/secrets';
import type { StackRecord } from '../project/stack-record';

type Credentials = NonNullable<MlflowClientOptions['credentials']>;

/** A reachable-looking MLflow. */
export interface MlflowTarget {
  readonly trackingUri: string;
  readonly credentials: Credentials | undefined;
  /** What decided it. */
  readonly origin: 'millrace.yaml' | 'MLFLOW_TRACKING_URI' | 'embedded';
}

/** In this order: millrace.yaml, MLflow's standard variables, the embedded server. @throws MLFLOW_UNAVAILABLE when there is none of them. */
export async function mlflowTarget(
  settings: Environment['mlflow'],
  {
    stack,
    projectRoot,
    environment = process.env,
  }: {
    readonly stack: StackRecord;
    readonly projectRoot: string;
    readonly environment?: NodeJS.ProcessEnv;
  },
): Promise<MlflowTarget> {
  if (settings.trackingUri !== undefined) {
    return {
      trackingUri: settings.trackingUri,
      credentials: await declaredCredentials(settings, (reference) =>
        readSecret(reference, projectRoot, environment),
      ),
      origin: 'millrace.yaml',
    };
  }
  const standard = environment.MLFLOW_TRACKING_URI;
  if (standard !== undefined && standard !== '') {
    return {
      trackingUri: standard,
      credentials: standardCredentials(environment),
      origin: 'MLFLOW_TRACKING_URI',
    };
  }
  if (stack.mlflow) return { trackingUri: stack.mlflow.uri, credentials: undefined, origin: 'embedded' };
  throw new MillraceError(
    'MLFLOW_UNAVAILABLE',
    'no MLflow is configured, and the embedded one was not started',
    {
      mend: 'start the embedded stack with `millrace up`, or set MLFLOW_TRACKING_URI',
      retryable: false,
    },
  );
}

/** A client of the target. */
export function connectMlflow(target: MlflowTarget): MlflowClient {
  return createMlflowClient({ trackingUri: target.trackingUri, credentials: target.credentials });
}

/** MLflow's variables for a job, so that `mlflow.autolog()` in a user's script lands in the candidate's run. They travel in memory only. */
export function trackingEnvironmentFor(
  target: MlflowTarget,
): (tracking: { experimentId: string; runId: string } | undefined) => Record<string, string> {
  const { credentials } = target;
  return (tracking) => ({
    MLFLOW_TRACKING_URI: target.trackingUri,
    ...(credentials?.kind === 'basic' && {
      MLFLOW_TRACKING_USERNAME: credentials.username,
      MLFLOW_TRACKING_PASSWORD: credentials.password,
    }),
    ...(credentials?.kind === 'bearer' && { MLFLOW_TRACKING_TOKEN: credentials.token }),
    ...(tracking && { MLFLOW_RUN_ID: tracking.runId, MLFLOW_EXPERIMENT_ID: tracking.experimentId }),
  });
}

async function declaredCredentials(
  settings: Environment['mlflow'],
  read: (reference: string) => Promise<string>,
): Promise<Credentials | undefined> {
  if (settings.token !== undefined) return { kind: 'bearer', token: await read(settings.token) };
  if (settings.username === undefined || settings.password === undefined) return undefined;
  return {
    kind: 'basic',
    username: await read(settings.username),
    password: await read(settings.password),
  };
}

function standardCredentials(environment: NodeJS.ProcessEnv): Credentials | undefined {
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: username,
    MLFLOW_TRACKING_PASSWORD: password,
  } = environment;
  if (token !== undefined && token !== '') return { kind: 'bearer', token };
  return username !== undefined && password !== undefined ? { kind: 'basic', username, password } : undefined;
}
