/** The worker of `waiting-runs` as its own process, and what it says of itself. */
import { join } from 'node:path';
import { startTypeScript } from '../../test/support/child-process';
import type { WorkerState } from '../processes/waiting-worker';

/** A worker process that can be asked. */
export interface WaitingWorker {
  /** `stages` tells which runs have had their first stage, too. */
  state(question?: 'stages'): Promise<WorkerState>;
  stop(): Promise<void>;
}

/** Starts it and waits until it serves. @throws Error with what it said when it ends before. */
export async function startWaitingWorker(args: readonly string[]): Promise<WaitingWorker> {
  const child = startTypeScript(join(__dirname, '..', 'processes', 'waiting-worker.ts'), args);
  const end = (): void => void child.process.kill('SIGKILL');
  process.once('exit', end);
  const lines = child.lines[Symbol.asyncIterator]();
  // The SDK's core writes its warnings to the standard output, too.
  const next = async (isAnswer: (line: string) => boolean): Promise<string> => {
    for (;;) {
      const line = await lines.next();
      if (line.done === true) throw new Error(`the worker ended: ${(await child.ended).errors.slice(-2000)}`);
      if (isAnswer(line.value)) return line.value;
    }
  };
  await next((line) => line === 'ready');
  return {
    async state(question) {
      child.process.stdin?.write(`${question ?? 'state'}\n`);
      return JSON.parse(await next((line) => line.startsWith('{'))) as WorkerState;
    },
    async stop() {
      child.process.stdin?.end('stop\n');
      await child.ended;
      process.off('exit', end);
    },
  };
}
