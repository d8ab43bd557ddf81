/** The workflows, bundled once per process and shared by its workers. */
import path from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

const CONTRACTS = require.resolve('../contracts');
/** Evaluated once for all workflows of a worker: see docs/adr/0017-shared-contracts.md. None of it keeps state that one workflow could leave for another. */
const SHARED = [
  path.dirname(CONTRACTS) + path.sep,
  path.join(path.dirname(require.resolve('zod/package.json')), path.sep),
];

/** Bundles Millrace's own workflows, or a user's file (which exports Millrace's too where it wants to run them). */
export async function bundleWorkflows(file?: string): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: file === undefined ? require.resolve('../workflows') : path.resolve(file),
    preloadModules: [CONTRACTS, require.resolve('./forget-globals')],
    webpackConfigHook: (config) => ({
      ...config,
      module: { ...config.module, rules: [...(config.module?.rules ?? []), sharedModules] },
    }),
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

const sharedModules = {
  test: (module: string) => SHARED.some((folder) => module.startsWith(folder)),
  enforce: 'post' as const,
  use: require.resolve('./shared-module-loader'),
};

function ignore(): void {
  // The bundler tells of every step; only trouble is of interest.
}
