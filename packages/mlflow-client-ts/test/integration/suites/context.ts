import { randomUUID } from 'node:crypto';
import { createMlflowClient, type MlflowClient } from '../../../src/index';

/** What every suite gets: a client of the one server that they share, filled in before the first test. */
export interface SuiteContext {
  uri: string;
  client: MlflowClient;
}

/** A context for a server that is still to be started. */
export function contextFor(uri: string): SuiteContext {
  return { uri, client: createMlflowClient({ trackingUri: uri }) };
}

/** A name that no other test uses, on a server that may be shared. */
export function uniqueName(stem: string): string {
  return `${stem}-${randomUUID()}`;
}

/** A new experiment; its id is the answer. */
export async function newExperiment(context: SuiteContext): Promise<string> {
  return context.client.experiments.create({ name: uniqueName('experiment') });
}

/** The error that a call fails with. @throws Error when it succeeds. */
export async function failureFrom(call: Promise<unknown>): Promise<unknown> {
  try {
    await call;
  } catch (error) {
    return error;
  }
  throw new Error('the call was expected to fail, and succeeded');
}
