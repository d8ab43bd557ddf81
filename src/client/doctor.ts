/** What a machine must have, each with its mend. */
import { execFile } from 'node:child_process';
import { access, mkdir, statfs, writeFile, rm } from 'node:fs/promises';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { askHealth } from './stack/health';
import { answersOk } from './stack/part';
import { externalMlflow, livingParts } from './stack/parts';
import { findTemporalCli, temporalAnswers } from './stack/temporal-server';
import { STATE_FOLDER } from '../adapters/project/stack-record';
import type { CommandContext } from './context';

const run = promisify(execFile);

/** One requirement. */
export interface Check {
  readonly title: string;
  readonly ok: boolean;
  /** What was found, in a few words. */
  readonly found: string;
  readonly mend?: string;
}

/** Looks at everything; nothing is changed or started. */
export async function checkRequirements(context: CommandContext): Promise<Check[]> {
  return Promise.all([
    Promise.resolve(node()),
    built(context),
    python(context),
    temporalCli(context),
    disk(context),
    Promise.resolve(memory()),
    temporalServer(context),
    mlflowServer(context),
    workers(context),
    triggers(context),
  ]);
}

function node(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const ok = major > 22 || (major === 22 && minor >= 22);
  return { title: 'Node', ok, found: process.versions.node, mend: 'install Node 22.22 or newer' };
}

async function built({ installation }: CommandContext): Promise<Check> {
  const ok = await exists(installation.workerProgram);
  return {
    title: 'Millrace',
    ok,
    found: ok ? installation.root : 'not built',
    mend: `run \`npm run build\` in ${installation.root}`,
  };
}

async function python({ installation }: CommandContext): Promise<Check> {
  const program = join(installation.pythonPrograms, 'python');
  const asked =
    'import sys, mlflow.version, sklearn, duckdb; print(sys.version.split()[0], "with MLflow", mlflow.version.VERSION)';
  const found = await run(program, ['-c', asked], { timeout: 60_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  return {
    title: 'Python environment',
    ok: found !== undefined,
    found: found ?? 'missing, or not whole',
    mend: `run \`npm run demo\` in ${installation.root}: it makes the environment`,
  };
}

async function temporalCli({ installation }: CommandContext): Promise<Check> {
  const found = await findTemporalCli(installation).catch(() => undefined);
  return {
    title: 'Temporal CLI',
    ok: found !== undefined,
    found: found ?? 'missing',
    mend: `run \`npm run demo\` in ${installation.root}, or install Temporal's CLI`,
  };
}

async function disk({ project }: CommandContext): Promise<Check> {
  const folder = join(project.root, STATE_FOLDER);
  const probe = join(folder, `.doctor-${process.pid}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, '');
    await rm(probe, { force: true });
    const { bavail, bsize } = await statfs(folder);
    const gigabytes = (bavail * bsize) / 1e9;
    return {
      title: 'Disk',
      ok: gigabytes >= 2,
      found: `${gigabytes.toFixed(0)} GB free`,
      mend: 'free some space: artifacts and models need a few GB',
    };
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    return { title: 'Disk', ok: false, found, mend: `make ${folder} writable` };
  }
}

function memory(): Check {
  const gigabytes = totalmem() / 1e9;
  return {
    title: 'Memory',
    ok: gigabytes >= 3,
    found: `${gigabytes.toFixed(0)} GB, ${availableParallelism()} cores`,
    mend: 'the embedded stack and one training need 3 GB',
  };
}

async function temporalServer(context: CommandContext): Promise<Check> {
  const target = await context.temporal();
  // What answers at Temporal's usual address while nothing was started here belongs to somebody else.
  if (target.origin === 'none')
    return { title: 'Temporal server', ok: false, found: 'not started', mend: 'run `millrace up`' };
  const ok = await temporalAnswers(target.connection.address, target.namespace);
  return {
    title: 'Temporal server',
    ok,
    found: `${target.connection.address} (${target.origin}) ${ok ? 'answers' : 'does not answer'}`,
    mend: target.origin === 'embedded' ? 'run `millrace up`' : 'check the address, and that the server runs',
  };
}

async function mlflowServer(context: CommandContext): Promise<Check> {
  const outside = externalMlflow(context.environment);
  const uri = outside ?? (await livingParts(await context.stack())).mlflow?.uri;
  const ok = uri !== undefined && (await answersOk(`${uri.replace(/\/+$/, '')}/health`));
  return {
    title: 'MLflow server',
    ok,
    found: uri === undefined ? 'not started' : `${uri} ${ok ? 'answers' : 'does not answer'}`,
    mend: outside === undefined ? 'run `millrace up`' : 'check MLFLOW_TRACKING_URI, and that the server runs',
  };
}

async function workers(context: CommandContext): Promise<Check> {
  const { worker } = await livingParts(await context.stack());
  const ok = worker !== undefined && (await answersOk(worker.healthUrl));
  return { title: 'Workers', ok, found: ok ? 'serve' : 'do not serve', mend: 'run `millrace up`' };
}

async function triggers(context: CommandContext): Promise<Check> {
  const { serve } = await livingParts(await context.stack());
  const health = serve && (await askHealth(serve.healthUrl));
  const troubles = health?.troubles ?? [];
  const ok = health?.well ?? false;
  return {
    title: 'Triggers and API',
    ok,
    found: ok ? 'serve' : troubles.length > 0 ? 'lack something' : 'do not serve',
    mend: troubles.length > 0 ? troubles.join('\n    ') : 'run `millrace up`',
  };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
