/** The embedded MLflow server: SQLite and artifacts in the project, behind its own artifact proxy. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { STATE_FOLDER } from '../../adapters/project/stack-record';
import type { Installation } from '../../adapters/project/installation';
import { MillraceError } from '../../contracts/errors';
import { answersOk, type PartPlan } from './part';

/** How the server is started on this port. @throws SETUP_FAILED when MLflow is not installed. */
export async function mlflowPlan(options: {
  readonly installation: Installation;
  readonly projectRoot: string;
  readonly port: number;
  readonly log: string;
  readonly environment: Readonly<Record<string, string>>;
}): Promise<PartPlan> {
  const { installation, projectRoot, port, log } = options;
  const program = join(installation.pythonPrograms, 'mlflow');
  await access(program).catch((error: unknown) => {
    throw new MillraceError('SETUP_FAILED', 'MLflow is not installed.', {
      where: program,
      mend: `run \`npm run demo\` once in ${installation.root}, or name a server in MLFLOW_TRACKING_URI`,
      cause: error,
    });
  });
  const folder = join(projectRoot, STATE_FOLDER, 'mlflow');
  return {
    title: 'MLflow server',
    // Through the interpreter: the program's first line names the path that the environment was made under.
    command: [
      ...[join(installation.pythonPrograms, 'python'), program, 'server'],
      ...['--backend-store-uri', `sqlite:///${join(folder, 'mlflow.sqlite')}`],
      ...['--artifacts-destination', join(folder, 'artifacts')],
      // Two, because a Python process uses one core, and candidates are recorded side by side.
      ...['--host', '127.0.0.1', '--port', String(port), '--workers', '2'],
      // A busy machine is slow to answer its own health check, and to start: after the 5 s of the default a process would be killed for it.
      ...['--uvicorn-opts', '--timeout-worker-healthcheck 120'],
    ],
    directory: folder,
    environment: {
      ...options.environment,
      MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
      MLFLOW_DISABLE_TELEMETRY: 'true',
    },
    log,
    isHealthy: () => answersOk(`http://127.0.0.1:${port}/health`),
  };
}
