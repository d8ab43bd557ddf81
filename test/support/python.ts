import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The folder of programs of the project's Python environment: `mlflow`, `temporal`, `python`. Made by `npm test`. */
export function pythonFolder(): string {
  const folder = join(__dirname, '..', '..', '.millrace', 'python', 'bin');
  if (!existsSync(join(folder, 'python'))) {
    throw new Error('the Python environment is missing: run `npm test` once, which makes it');
  }
  return folder;
}

/** Runs Python in the project's environment; standard output is the answer. @throws Error with standard error when it fails. */
export async function runPython(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  folder?: string,
): Promise<string> {
  const { stdout } = await run(join(pythonFolder(), 'python'), args, {
    cwd: folder,
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '', MLFLOW_DISABLE_TELEMETRY: 'true', ...environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout;
}
