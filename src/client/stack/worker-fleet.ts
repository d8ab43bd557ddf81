/** The embedded worker fleet: one process that serves all task queues. */
import { access } from 'node:fs/promises';
import { sha256 } from '../../contracts/digest';
import { MillraceError } from '../../contracts/errors';
import { readIfPresent } from '../../adapters/local-disk/durable-files';
import type { Installation } from '../../adapters/project/installation';
import { answersOk, type PartPlan } from './part';

/** How the fleet is started. @throws SETUP_FAILED when it is not built. */
export async function workerPlan(options: {
  readonly installation: Installation;
  readonly projectRoot: string;
  readonly environmentName: string;
  readonly port: number;
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<PartPlan> {
  const { installation, projectRoot, environmentName, port, log } = options;
  await access(installation.workerProgram).catch((error: unknown) => {
    throw new MillraceError('SETUP_FAILED', 'Millrace is not built.', {
      where: installation.workerProgram,
      mend: `run \`npm run build\` in ${installation.root}`,
      cause: error,
    });
  });
  return {
    title: 'worker fleet',
    command: [process.execPath, '--enable-source-maps', installation.workerProgram, '--env', environmentName],
    directory: projectRoot,
    environment: { ...options.environment, MILLRACE_HEALTH_PORT: String(port) },
    log,
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/health`),
  };
}

/** Names what a worker is started with: the build of the code, and `settings` (environment, addresses). Equal where a restart would change nothing. */
export async function workerStartedWith(
  installation: Installation,
  settings: readonly string[],
): Promise<string> {
  const build = (await readIfPresent(installation.buildInfo)) ?? '';
  return sha256([...settings, build].join('\0')).slice(0, 32);
}
