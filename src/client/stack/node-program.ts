/** The parts that are Millrace's own: the embedded worker fleet, one process for all task queues, and the service that watches triggers. */
import { access } from 'node:fs/promises';
import { sha256 } from '../../contracts/digest';
import { MillraceError } from '../../contracts/errors';
import { readIfPresent } from '../../adapters/local-disk/durable-files';
import type { Installation } from '../../adapters/project/installation';
import { answersOk, type PartPlan } from './part';

/** How one of them is started. @throws SETUP_FAILED when it is not built. */
export async function nodeProgramPlan(options: {
  readonly title: string;
  readonly installation: Installation;
  /** Program of the installation, built, and what stands behind it. */
  readonly command: readonly [program: string, ...words: string[]];
  readonly projectRoot: string;
  readonly environmentName: string;
  readonly port: number;
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<PartPlan> {
  const { title, installation, command, projectRoot, environmentName, port, log } = options;
  const [program] = command;
  await access(program).catch((error: unknown) => {
    throw new MillraceError('SETUP_FAILED', 'Millrace is not built.', {
      where: program,
      mend: `run \`npm run build\` in ${installation.root}`,
      cause: error,
    });
  });
  return {
    title,
    command: [process.execPath, '--enable-source-maps', ...command, '--env', environmentName],
    directory: projectRoot,
    environment: { ...options.environment, MILLRACE_HEALTH_PORT: String(port) },
    log,
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/health`),
  };
}

/** Names what such a part is started with: the build of the code, and `settings` (environment, addresses). Equal where a restart would change nothing. */
export async function startedWithOf(
  installation: Installation,
  settings: readonly string[],
): Promise<string> {
  const build = (await readIfPresent(installation.buildInfo)) ?? '';
  return sha256([...settings, build].join('\0')).slice(0, 32);
}
