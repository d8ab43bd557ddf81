/** The workflows, bundled once per process and shared by its workers. */
import path from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

/** Bundles Millrace's own workflows, or a user's file (which exports Millrace's too where it wants to run them). */
export async function bundleWorkflows(file?: string): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: file === undefined ? require.resolve('../workflows') : path.resolve(file),
    logger: {
      log: ignore,
      trace: ignore,
      debug: ignore,
      info: ignore,
      warn: console.warn,
      error: console.error,
    },
  });
}

function ignore(): void {
  // The bundler tells of every step; only trouble is of interest.
}
