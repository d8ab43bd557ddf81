/** Where Temporal is, and how it is reached. */
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { Client, Connection } from '@temporalio/client';
import type { Environment } from '../../contracts/project-file';
import { MillraceError } from '../../contracts/errors';
import type { StackRecord } from '../project/stack-record';

/** Where to connect. */
export interface TemporalTarget {
  readonly connection: ClientConnectConfig['connectionOptions'] & { readonly address: string };
  readonly namespace: string;
  /** Base address of the web UI, where it is known. */
  readonly uiUrl: string | undefined;
  /** What decided it: shown by `status` and `doctor`. `none`: nothing did, and the embedded server was not started. */
  readonly origin: 'millrace.yaml' | 'TEMPORAL_* or temporal.toml' | 'embedded' | 'none';
}

const DEFAULT_ADDRESS = '127.0.0.1:7233';
const DEFAULT_NAMESPACE = 'default';

/**
 * In this order: the environment of millrace.yaml; Temporal's standard variables and `temporal.toml`; the embedded server, where one was
 * started. Temporal's default address is not tried: what answers there may belong to another project.
 */
export function temporalTarget(settings: Environment['temporal'], stack: StackRecord): TemporalTarget {
  const standard = loadClientConnectConfig(
    settings.profile === undefined ? {} : { profile: settings.profile },
  );
  const { address: standardAddress, ...options } = standard.connectionOptions;
  const namespace = settings.namespace ?? standard.namespace ?? DEFAULT_NAMESPACE;
  const target = (address: string, origin: TemporalTarget['origin'], uiUrl?: string): TemporalTarget => ({
    connection: { ...options, address },
    namespace,
    uiUrl,
    origin,
  });
  if (settings.address !== undefined) return target(settings.address, 'millrace.yaml');
  if (standardAddress !== undefined) return target(standardAddress, 'TEMPORAL_* or temporal.toml');
  if (stack.temporal) return target(stack.temporal.address, 'embedded', stack.temporal.uiUrl);
  return target(DEFAULT_ADDRESS, 'none');
}

/**
 * A client that connects when it is first used, and again whenever the server was away: for a process that outlives the server. Close it when done.
 * @throws TEMPORAL_UNAVAILABLE only when it is not known where Temporal is.
 */
export function lazyClient(target: TemporalTarget): { client: Client; close: () => Promise<void> } {
  requireTarget(target);
  const connection = Connection.lazy(target.connection);
  return {
    client: new Client({ connection, namespace: target.namespace }),
    close: () => connection.close(),
  };
}

function requireTarget(target: TemporalTarget): void {
  if (target.origin !== 'none') return;
  throw new MillraceError('TEMPORAL_UNAVAILABLE', 'The embedded Temporal of this project does not run.', {
    where: target.connection.address,
    mend: 'start it with `millrace up`, or name another in TEMPORAL_ADDRESS',
  });
}

/** A connected client; close its connection when done. @throws TEMPORAL_UNAVAILABLE naming the address and what to do. */
export async function connectClient(
  target: TemporalTarget,
): Promise<{ client: Client; close: () => Promise<void> }> {
  requireTarget(target);
  try {
    const connection = await Connection.connect({ ...target.connection, connectTimeout: '5s' });
    return {
      client: new Client({ connection, namespace: target.namespace }),
      close: () => connection.close(),
    };
  } catch (error) {
    throw new MillraceError(
      'TEMPORAL_UNAVAILABLE',
      `Temporal does not answer at ${target.connection.address} (from ${target.origin}).`,
      {
        where: target.connection.address,
        mend:
          target.origin === 'embedded'
            ? 'start the embedded stack with `millrace up`'
            : 'check the address, and that the server runs',
        cause: error,
      },
    );
  }
}

/** Address of a run's page in Temporal's UI, or its workflow id where the UI is not known. */
export function workflowUrlFor(target: TemporalTarget): (workflowId: string, runId: string) => string {
  return (workflowId, runId) =>
    target.uiUrl === undefined
      ? workflowId
      : `${target.uiUrl}/namespaces/${encodeURIComponent(target.namespace)}/workflows/${encodeURIComponent(workflowId)}/${runId}`;
}
