/** `init`, `worker`, `doctor`: a project, its workers, and what a machine must have. */
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { createDuckDbEngine } from '../../adapters/table-engine/duckdb';
import { MillraceError } from '../../contracts/errors';
import { TASK_QUEUES } from '../../contracts/task-queues';
import type { CommandContext } from '../context';
import { checkRequirements } from '../doctor';
import { EXIT } from '../exit-codes';
import { initProject } from '../init';
import type { Output } from '../output';
import { styleOf } from '../render/style';

/** `millrace init [DIRECTORY]`. */
export async function init(
  output: Output,
  directory: string,
  options: { readonly from?: string; readonly label?: string; readonly key?: string; readonly name?: string },
): Promise<number> {
  const { from, label, key, name } = options;
  const made = await initProject({
    directory,
    engine: createDuckDbEngine({}),
    ...(from !== undefined && { from }),
    ...(label !== undefined && { label }),
    ...(key !== undefined && { key }),
    ...(name !== undefined && { name }),
  });
  output.result(made, [...made.files.map((file) => `wrote ${file}`), ...made.notes]);
  return EXIT.ok;
}

/** `millrace worker`: serves task queues in this process's place until it is told to end. @throws USAGE, TEMPORAL_UNAVAILABLE. */
export async function worker(
  context: CommandContext,
  options: { readonly queue?: readonly string[]; readonly workflows?: string },
): Promise<number> {
  const { workerProgram } = context.installation;
  const unknown = (options.queue ?? []).find((name) => !Object.hasOwn(TASK_QUEUES, name));
  if (unknown !== undefined)
    throw new MillraceError('USAGE', `There is no task queue ${unknown}.`, {
      where: '--queue',
      mend: `use one of ${Object.keys(TASK_QUEUES).join(', ')}`,
    });
  await context.withClient(() => Promise.resolve());
  const child = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      workerProgram,
      ...(options.queue ?? []).flatMap((queue) => ['--queue', queue]),
      ...(options.workflows === undefined ? [] : ['--workflows', resolve(options.workflows)]),
      ...['--env', context.environmentName],
    ],
    { stdio: 'inherit', cwd: context.project.root },
  );
  // A terminal sends Ctrl-C to both; the worker ends by itself, and this waits for it.
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  process.on('SIGTERM', pass);
  process.on('SIGINT', () => undefined);
  return new Promise((ended, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => {
      process.off('SIGTERM', pass);
      ended(code ?? EXIT.failed);
    });
  });
}

/** `millrace doctor`: each requirement, and how to mend what is missing. Exit code 4 when something is. */
export async function doctor(context: CommandContext): Promise<number> {
  const checks = await checkRequirements(context);
  const style = styleOf(process.stdout, process.env);
  const well = checks.every(({ ok }) => ok);
  context.output.result({ ok: well, checks }, [
    ...checks.flatMap(({ title, ok, found, mend }) => [
      `${ok ? style.good('✓') : style.bad('✗')} ${title}: ${found}`,
      ...(ok || mend === undefined ? [] : [`    ${mend}`]),
    ]),
    ...(well ? [] : ['', 'Mend the above, then type `millrace doctor` again.']),
  ]);
  return well ? EXIT.ok : EXIT.unavailable;
}
