/** Running a TypeScript file of the tests as a process of its own, so that it can race with another one or be killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** A started child: its process, and its standard output once it has ended. */
export interface TypeScriptChild {
  readonly process: ChildProcess;
  /** Lines of standard output as they come. */
  readonly lines: AsyncIterable<string>;
  /** Resolves with all lines and the exit code; a code other than 0 does not reject. */
  readonly ended: Promise<{ readonly code: number | null; readonly output: string; readonly errors: string }>;
}

/** Starts `file` with `args`, in a process group of its own, so that a test can kill the whole group. The caller waits for `ended`. */
export function startTypeScript(
  file: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): TypeScriptChild {
  const hook = join(__dirname, 'typescript-hook.cjs');
  const child = spawn(process.execPath, ['--require', hook, file, ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
    env: { ...process.env, ...environment },
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = new Promise<{ code: number | null; output: string; errors: string }>((resolve) => {
    child.on('close', (code) => resolve({ code, output, errors }));
  });
  return { process: child, lines: linesOf(() => output, ended), ended };
}

async function* linesOf(output: () => string, ended: Promise<unknown>): AsyncGenerator<string> {
  const state = { over: false };
  void ended.then(() => (state.over = true));
  for (let given = 0; ;) {
    const { over } = state;
    const complete = output().split('\n').slice(given, -1);
    given += complete.length;
    yield* complete;
    if (over) return;
    await setTimeout(5);
  }
}
