/** Catches a job that waits and does not say for what, a held run whose wait reads wrongly or whose next command lets it stand, and a cancelled one whose kept jobs the next command would train anew. */
import { runLinks } from '../../../src/client/commands/links';
import { changeLines } from '../../../src/client/render/changes';
import { stageLine, waitingLines } from '../../../src/client/render/run';
import { PLAIN } from '../../../src/client/render/style';
import type { RunStatus } from '../../../src/contracts/runs';

const since = '2026-11-21T10:00:00.000Z';
const status: RunStatus = {
  pipeline: 'p',
  workflowId: 'p/manual/1',
  runId: 'r',
  state: 'running',
  reasons: [],
  stages: [],
  candidates: [],
};
const target = {
  connection: { address: '127.0.0.1:7233' },
  namespace: 'default',
  uiUrl: undefined,
  origin: 'embedded' as const,
};
const next = (change: Partial<RunStatus>): string | undefined =>
  runLinks({ ...status, ...change }, target).at(-1);

test('a held run reads as one that waits to be resumed, and is resumed next', () => {
  const held: RunStatus = {
    ...status,
    held: { by: 'ada', since },
    waiting: { for: 'to be resumed: held by ada', since },
  };
  expect(waitingLines(held, new Date(since), PLAIN)[0]).toMatch(/^waits to be resumed: held by ada/);
  expect(changeLines(undefined, { status: held, progress: {} }, new Date(since))).toEqual([
    'waits to be resumed: held by ada',
  ]);
  expect(next(held)).toBe('  Next      millrace resume p/manual/1');
  const waits = { ...status, waiting: { for: 'a slot', since } };
  expect(waitingLines(waits, new Date(since), PLAIN)[0]).toMatch(/^waits for a slot/);
  expect(next(waits)).toBe('  Next      millrace follow p/manual/1');
});

test('a job that has told of no progress says what it waits for', () => {
  const job = { jobName: 'j', attempt: 1, phase: 'running' };
  const message = 'Unschedulable: 1 Insufficient nvidia.com/gpu.';
  const line = (more: object): string =>
    stageLine({ stage: 'dataset', state: 'running' }, new Date(since), PLAIN, { ...job, ...more });
  expect(line({ message })).toContain(message);
  expect(line({ message, fraction: 0.5 })).not.toContain('Unschedulable');
});

test('a cancelled run is retried next, which finds its kept jobs', () => {
  expect(next({ state: 'cancelled', outcome: 'cancelled' })).toBe('  Next      millrace retry p/manual/1');
});
