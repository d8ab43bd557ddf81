/** What of the embedded stack runs, and what a project uses instead. */
import { temporalTarget } from '../../adapters/temporal/connection';
import { isAlive } from '../../adapters/local-host/process-identity';
import type { StackRecord } from '../../adapters/project/stack-record';
import type { Environment } from '../../contracts/project-file';

/** Names of the parts, in the order in which people read them. */
export const STACK_PARTS = ['temporal', 'mlflow', 'worker', 'serve'] as const;
/** One process of the embedded stack. */
export type StackPart = (typeof STACK_PARTS)[number];

/** Address of the Temporal server that the environment names, which is used and neither started nor stopped; undefined for the embedded one. */
export function externalTemporal(environment: Environment): string | undefined {
  const { origin, connection } = temporalTarget(environment.temporal, { version: 1 });
  return origin === 'embedded' || origin === 'none' ? undefined : connection.address;
}

/** The same for MLflow: the environment of millrace.yaml, else MLflow's own variable. */
export function externalMlflow(environment: Environment): string | undefined {
  const named = environment.mlflow.trackingUri ?? process.env.MLFLOW_TRACKING_URI;
  return named === undefined || named === '' ? undefined : named;
}

/** The record without what has died since: a pid that belongs to somebody else by now is no part of the stack. */
export async function livingParts(record: StackRecord): Promise<StackRecord> {
  const alive = async <Part extends { process: Parameters<typeof isAlive>[0] }>(
    part: Part | undefined,
  ): Promise<Part | undefined> => (part && (await isAlive(part.process)) ? part : undefined);
  const [temporal, mlflow, worker, serve] = await Promise.all([
    alive(record.temporal),
    alive(record.mlflow),
    alive(record.worker),
    alive(record.serve),
  ]);
  return {
    version: 1,
    ...(temporal && { temporal }),
    ...(mlflow && { mlflow }),
    ...(worker && { worker }),
    ...(serve && { serve }),
  };
}
