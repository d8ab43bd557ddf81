/** The parts that are Millrace's own: the embedded worker fleet, one process for all task queues, and the service that watches triggers. */
import { access } from 'node:fs/promises';
import { canonicalJson, sha256 } from '../../contracts/digest';
import { MillraceError } from '../../contracts/errors';
import type { Environment } from '../../contracts/project-file';
import { readIfPresent } from '../../adapters/local-disk/durable-files';
import type { Installation } from '../../adapters/project/installation';
import { hasSettled } from './health';
import type { PartPlan } from './part';

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
    isHealthy: () => hasSettled(`http://127.0.0.1:${port}/health`),
  };
}

/**
 * Names what such a part is started with: the build of the code, the settings of its environment, and `addresses` (with the environment's name). Equal
 * where a restart would change nothing. The settings only name secrets, and go in as a digest.
 */
export async function startedWithOf(
  installation: Pick<Installation, 'buildInfo'>,
  environment: Environment,
  addresses: readonly string[],
): Promise<string> {
  const build = (await readIfPresent(installation.buildInfo)) ?? '';
  return sha256([...addresses, canonicalJson(environment), build].join('\0')).slice(0, 32);
}
