/**
 * Catches: a stack whose record was lost or damaged (or whose `up` was killed before it wrote one) and that `up` and `down` then do not see, so that
 * a second Temporal and a second MLflow open the same database files; and another project's stack, or a recorded part, that is stopped for one.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stackMarker, stopUnrecorded } from '../../../src/client/stack/unrecorded';
import type { StackPart } from '../../../src/client/stack/parts';
import { isRunning } from '../../support/faults/processes';
import type { StackRecord } from '../../../src/adapters/project/stack-record';

const root = join(tmpdir(), `millrace unrecorded ü ${process.pid}`);
const started: ChildProcess[] = [];

afterEach(() => started.splice(0).forEach(end));

/** The group outlives its leader. */
function end(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL');
  } catch {
    // All of it went by itself.
  }
}

/** A part as `up` starts it, in a session of its own. Resolves when it has printed, after its own start, the pid of a child that it has. */
async function part(projectRoot: string, name: StackPart): Promise<{ leader: ChildProcess; child: number }> {
  const leader = spawn('sh', ['-c', 'sleep 600 & echo $!; wait'], {
    detached: true,
    env: { PATH: process.env.PATH, ...stackMarker(projectRoot, name) },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(leader);
  const [said] = (await once(leader.stdout, 'data')) as [Buffer];
  return { leader, child: Number(said.toString()) };
}

function recordOf(leader: ChildProcess): StackRecord {
  const process = { host: 'h', bootId: 'b', pidNamespace: 'n', pid: leader.pid!, startTicks: 1 };
  return { version: 1, temporal: { process, log: 'l', address: 'a', uiUrl: 'u' } };
}

test('what the record does not name is stopped, with its children; the recorded part and other projects stay', async () => {
  const lost = [await part(root, 'temporal'), await part(root, 'worker')];
  const recorded = await part(root, 'temporal');
  const foreign = await part(`${root}2`, 'temporal');
  await expect(stopUnrecorded(root, recordOf(recorded.leader))).resolves.toEqual(['worker', 'temporal']);
  expect(lost.flatMap(({ leader, child }) => [isRunning(leader.pid!), isRunning(child)])).not.toContain(true);
  for (const { leader, child } of [recorded, foreign])
    expect([isRunning(leader.pid!), isRunning(child)]).toEqual([true, true]);
});

test('a child whose leader was killed is found too', async () => {
  const { leader, child } = await part(root, 'mlflow');
  const gone = once(leader, 'exit');
  leader.kill('SIGKILL');
  await gone;
  expect(isRunning(child)).toBe(true);
  await expect(stopUnrecorded(root, { version: 1 })).resolves.toEqual(['mlflow']);
  await expect(stopUnrecorded(root, { version: 1 })).resolves.toEqual([]);
});
