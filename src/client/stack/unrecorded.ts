/**
 * Parts of a project's stack that its record does not name: the record was lost or damaged, or `up` was killed before it wrote it. Were they
 * left, a second server would open the same database files.
 */
import { readFile } from 'node:fs/promises';
import { lookUntil } from '../../adapters/endpoint/local/looks';
import { processesWith, stopProcess } from '../../adapters/endpoint/local/processes';
import type { StackRecord } from '../../adapters/project/stack-record';
import { STACK_PARTS, type StackPart } from './parts';

/** Entry in the environment by which a part is known without a record. */
const MARKER = 'MILLRACE_STACK_PART';
const GRACE_MS = 20_000;
const VANISH_MS = 10_000;
const POLL_MS = 20;

/** What a part's environment carries, so that {@link stopUnrecorded} finds it. */
export function stackMarker(projectRoot: string, part: StackPart): Record<string, string> {
  return { [MARKER]: `${part}:${projectRoot}` };
}

/** Stops all parts of the project that `record` does not name, and waits until they are gone. @returns which. */
export async function stopUnrecorded(projectRoot: string, record: StackRecord): Promise<StackPart[]> {
  // The worker first, as in an orderly stop: it would start endpoints, and miss the others.
  const stopped: StackPart[] = [];
  for (const part of [...STACK_PARTS].reverse())
    if (await stopAllBut(record[part]?.process.pid, projectRoot, part)) stopped.push(part);
  return stopped;
}

/** Each part leads a session; its children (MLflow's web server) may outlive it there. */
async function stopAllBut(
  recorded: number | undefined,
  projectRoot: string,
  part: StackPart,
): Promise<boolean> {
  const strangers = async () => {
    const found = await processesWith(MARKER, `${part}:${projectRoot}`);
    const sessions = await Promise.all(found.map(({ pid }) => sessionOf(pid)));
    return found.flatMap((identity, index) => {
      const session = sessions[index];
      return session === undefined || session === recorded
        ? []
        : [{ identity, leads: session === identity.pid }];
    });
  };
  const found = await strangers();
  await Promise.all(
    found.filter(({ leads }) => leads).map(({ identity }) => stopProcess(identity, GRACE_MS)),
  );
  await lookUntil(VANISH_MS, POLL_MS, async () => {
    const left = await strangers();
    for (const { identity } of left) kill(identity.pid);
    return left.length === 0 ? true : undefined;
  });
  return found.length > 0;
}

/** Field 6 of `/proc/PID/stat`; the name in parentheses may hold blanks itself. */
async function sessionOf(pid: number): Promise<number | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[3]);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone in this very moment.
  }
}
