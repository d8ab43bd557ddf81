/**
 * Catches: a job that is started twice (two workers, a restarted worker, a half-made attempt), that dies with its worker, that counts as running when
 * nothing runs (a recycled pid, a host that restarted), or whose failed attempts are counted wrongly.
 */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createLocalJobBackend } from '../../../src/adapters/jobs/local';
import { processesOf } from '../../../src/adapters/jobs/local/job-processes';
import { currentProcess, readStat } from '../../../src/adapters/local-host/process-identity';
import { startTypeScript, type TypeScriptChild } from '../../support/child-process';
import { createFixture, processIdsOf, python, trainersPath, type Fixture } from './fixture';

jest.setTimeout(60_000);

let fixture: Fixture;
let workers: TypeScriptChild[] = [];
beforeEach(async () => (fixture = await createFixture()));
afterEach(async () => {
  for (const worker of workers) worker.process.kill('SIGKILL');
  await Promise.all(workers.map((worker) => worker.ended));
  workers = [];
  await fixture.close();
});

async function worker(
  request: unknown,
): Promise<{ launch: () => Promise<string>; kill: () => Promise<unknown> }> {
  const child = startTypeScript(join(__dirname, 'launching-worker.ts'), [
    join(fixture.root, 'store'),
    JSON.stringify(request),
  ]);
  workers.push(child);
  const lines = child.lines[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line = await lines.next();
    if (line.done === true) throw new Error((await child.ended).errors);
    return line.value;
  };
  expect(await next()).toBe('ready');
  return {
    launch: () => {
      child.process.stdin?.write('go\n');
      return next();
    },
    // With its group, as a terminal or a service manager does it.
    kill: () => {
      process.kill(-child.process.pid!, 'SIGKILL');
      return child.ended;
    },
  };
}

test('workers that race for a job start it once and agree on it', async () => {
  const request = await fixture.request('job', `progress(1)\nwait_for_release()\nsucceed()`);
  const racing = await Promise.all([worker(request), worker(request), worker(request)]);
  const answers = await Promise.all([
    ...racing.map(({ launch }) => launch()),
    ...[1, 2, 3].map(() => fixture.backend.launchOrAdopt(request)),
  ]);
  const seen = answers.map((answer) =>
    typeof answer === 'string' ? (JSON.parse(answer) as typeof answer & { phase: string }) : answer,
  );
  expect(seen.map((status) => (status as { phase: string }).phase)).toEqual(Array(6).fill('running'));
  await fixture.release();
  expect(await fixture.end('job')).toMatchObject({ phase: 'succeeded', attempt: 1 });
  expect(await fixture.starts()).toHaveLength(1);
  expect(await fixture.backend.launchOrAdopt(request)).toMatchObject({ phase: 'succeeded', attempt: 1 });
  expect(await fixture.starts()).toHaveLength(1);
});

test('a worker that is killed does not take the job along; another one adopts it', async () => {
  const request = await fixture.request(
    'job',
    `progress(1)\nwait_for_release()\nprint("still here")\nsucceed()`,
  );
  const doomed = await worker(request);
  await doomed.launch();
  await doomed.kill();
  expect(
    await fixture.backend.launchOrAdopt({ ...request, follower: { workflowId: 'churn/manual/2' } }),
  ).toMatchObject({
    phase: 'running',
    attempt: 1,
  });
  expect(await fixture.backend.listRunning()).toEqual([
    { jobName: 'job', followers: ['churn/manual/1', 'churn/manual/2'], kept: false },
  ]);
  await fixture.release();
  expect(await fixture.end('job')).toMatchObject({ phase: 'succeeded' });
  expect(await readFile((await fixture.backend.logPath('job'))!, 'utf8')).toBe('still here\n');
  expect(await fixture.starts()).toHaveLength(1);
});

test('a killed supervisor takes the trainer along, and the next attempt runs alone', async () => {
  const request = await fixture.request(
    'job',
    `
if len(open(os.environ["STARTS"]).readlines()) == 1:
    subprocess.Popen(["sleep", "1000"], start_new_session=True)
    progress(1)
    signal.pause()
succeed()`,
  );
  await fixture.backend.launchOrAdopt(request);
  const running = await fixture.progressing('job');
  const [trainer] = await fixture.starts();
  process.kill((await processIdsOf(running)).supervisor, 'SIGKILL');
  // Without anybody looking after it the trainer dies; what it started is found by the next one who looks.
  while ((await readStat(trainer!)) !== undefined) await setImmediate();
  const lost = await fixture.end('job');
  expect(lost).toMatchObject({ phase: 'failed', failure: { code: 'TRAINER_LOST' } });
  expect(await processesOf(running.directory)).toEqual([]);
  expect((await fixture.backend.describe('job'))?.endedAt).toBe(lost.endedAt);
  await fixture.backend.launchOrAdopt(request);
  expect(await fixture.end('job')).toMatchObject({ phase: 'succeeded', attempt: 2 });
});

test('a supervisor refuses an attempt that was supervised before, even when nobody holds its lock', async () => {
  await fixture.backend.launchOrAdopt(await fixture.request('job', 'succeed()'));
  const { directory } = await fixture.end('job');
  await fixture.backend.cancel('job', 'waits until the supervisor has left');
  await rm(join(directory, 'exit.json'));
  const again = promisify(execFile)(
    python,
    [join(trainersPath, 'millrace_trainer', 'supervise.py'), 'run', directory],
    { env: { STARTS: join(fixture.root, 'starts.txt'), MILLRACE_JOB_DIR: directory } },
  );
  await expect(again).rejects.toMatchObject({ code: 75 });
  expect(await fixture.starts()).toHaveLength(1);
});

test('a supervisor that is asked to stop, as when the host shuts down, reports a lost trainer and not a cancelled one', async () => {
  await fixture.backend.launchOrAdopt(await fixture.request('job', `progress(1)\nsignal.pause()`));
  process.kill((await processIdsOf(await fixture.progressing('job'))).supervisor, 'SIGTERM');
  expect((await fixture.end('job')).failure?.code).toBe('TRAINER_LOST');
});

describe('an attempt that somebody claimed and never started', () => {
  test('is started by whoever comes next, once', async () => {
    const request = await fixture.request('job', 'succeed()');
    // A worker that dies right after the claim leaves this: everything in place but no process.
    await expect(fixture.backend.launchOrAdopt({ ...request, python: '/absent/python' })).rejects.toThrow();
    expect(await fixture.backend.describe('job')).toMatchObject({ phase: 'pending', attempt: 1 });
    const others = await Promise.all(
      [1, 2, 3, 4].map(() => createLocalJobBackend({ root: join(fixture.root, 'store'), trainersPath })),
    );
    await Promise.all(others.map((other) => other.launchOrAdopt(request)));
    expect(await fixture.end('job')).toMatchObject({ phase: 'succeeded', attempt: 1 });
    expect(await fixture.starts()).toHaveLength(1);
  });

  test('can be cancelled, and then is never started', async () => {
    const request = await fixture.request('job', 'succeed()');
    await expect(fixture.backend.launchOrAdopt({ ...request, python: '/absent/python' })).rejects.toThrow();
    expect(await fixture.backend.listRunning()).toEqual([
      { jobName: 'job', followers: ['churn/manual/1'], kept: false },
    ]);
    await fixture.backend.cancel('job', 'nobody wants it');
    expect(await fixture.backend.describe('job')).toMatchObject({ phase: 'cancelled' });
    expect(await fixture.backend.listRunning()).toEqual([]);
    expect(await fixture.starts()).toEqual([]);
  });
});

describe('a process that is not the one that was recorded', () => {
  /** Ends the job and makes its record look as though it had never ended, and were run by `identity`. */
  async function pretend(identity: object): Promise<void> {
    await fixture.backend.launchOrAdopt(await fixture.request('job', 'succeed()'));
    const { directory } = await fixture.end('job');
    // Its supervisor holds the lock a moment longer, and whoever holds it is alive.
    const { pid } = JSON.parse(await readFile(join(directory, 'process.json'), 'utf8')) as { pid: number };
    while ((await readStat(pid)) !== undefined) await setImmediate();
    await rm(join(directory, 'exit.json'));
    await writeFile(
      join(directory, 'process.json'),
      JSON.stringify({ ...identity, startedAt: new Date().toISOString() }),
    );
  }

  test('a recycled pid: it runs, but began at another time', async () => {
    const self = currentProcess();
    await pretend({ ...self, startTicks: self.startTicks - 1 });
    expect(await fixture.backend.describe('job')).toMatchObject({
      phase: 'failed',
      failure: { code: 'TRAINER_LOST' },
    });
  });

  test('a host that restarted: same pid, same ticks, another boot', async () => {
    await pretend({ ...currentProcess(), bootId: '00000000-0000-0000-0000-000000000000' });
    const status = await fixture.backend.describe('job');
    expect(status).toMatchObject({ phase: 'failed', failure: { code: 'TRAINER_LOST' } });
    expect(status?.failure?.message).toContain('restarted');
  });

  test('a supervisor that cannot be seen from here but holds the lock is alive', async () => {
    const request = await fixture.request('job', `progress(1)\nwait_for_release()\nsucceed()`);
    await fixture.backend.launchOrAdopt(request);
    const { directory } = await fixture.progressing('job');
    const path = join(directory, 'process.json');
    const record = JSON.parse(await readFile(path, 'utf8')) as object;
    await writeFile(path, JSON.stringify({ ...record, pidNamespace: 'pid:[1]' }));
    expect(await fixture.backend.describe('job')).toMatchObject({ phase: 'running' });
    await fixture.release();
    expect(await fixture.end('job')).toMatchObject({ phase: 'succeeded' });
  });
});

describe('retries', () => {
  test('one call starts one attempt, however fast it fails', async () => {
    const request = await fixture.request('job', '', { command: ['no-such-program'], maxAttempts: 9 });
    const seen = [await fixture.backend.launchOrAdopt(request), await fixture.end('job')];
    expect(seen.map(({ attempt }) => attempt)).toEqual([1, 1]);
    const crashing = await fixture.request('crashing', '', { command: ['false'], maxAttempts: 9 });
    for (const attempt of [1, 2, 3]) {
      const status = await fixture.backend.launchOrAdopt(crashing);
      expect(status.attempt).toBe(attempt);
      expect((await fixture.end('crashing')).attempt).toBe(attempt);
    }
  });

  const failing = `sys.exit(1)`;

  test('two failures, then success: three starts', async () => {
    const request = await fixture.request(
      'job',
      `
if len(open(os.environ["STARTS"]).readlines()) < 3: sys.exit(1)
succeed()`,
    );
    for (const attempt of [1, 2, 3]) {
      await fixture.backend.launchOrAdopt(request);
      expect((await fixture.end('job')).attempt).toBe(attempt);
    }
    expect(await fixture.backend.launchOrAdopt(request)).toMatchObject({ phase: 'succeeded', attempt: 3 });
    expect(await fixture.starts()).toHaveLength(3);
  });

  test('after the permitted failures the failed attempt is returned, and a retry of the run begins a new count', async () => {
    const request = await fixture.request('job', failing, { maxAttempts: 2 });
    for (let attempt = 0; attempt < 2; attempt++) {
      await fixture.backend.launchOrAdopt(request);
      await fixture.end('job');
    }
    const final = await fixture.backend.launchOrAdopt(request);
    expect(final).toMatchObject({ phase: 'failed', attempt: 2, failure: { code: 'TRAINER_CRASHED' } });
    expect(final.retryAt).toBeUndefined();
    expect(await fixture.starts()).toHaveLength(2);
    const retried = { ...request, since: new Date(Date.parse(final.endedAt!) + 1).toISOString() };
    await fixture.backend.launchOrAdopt(retried);
    expect(await fixture.end('job')).toMatchObject({ phase: 'failed', attempt: 3 });
    expect(await fixture.starts()).toHaveLength(3);
  });

  test('a refused input is final at once', async () => {
    const request = await fixture.request('job', `sys.exit(64)`);
    await fixture.backend.launchOrAdopt(request);
    await fixture.end('job');
    const final = await fixture.backend.launchOrAdopt(request);
    expect(final).toMatchObject({ phase: 'failed', attempt: 1 });
    expect(final.retryAt).toBeUndefined();
    expect(await fixture.starts()).toHaveLength(1);
  });

  test('while the pause lasts nothing starts, and its end is told', async () => {
    const request = await fixture.request('job', failing, {
      retryInitialSeconds: 300,
      retryMaxSeconds: 1800,
    });
    await fixture.backend.launchOrAdopt(request);
    const end = await fixture.end('job');
    const waiting = await fixture.backend.launchOrAdopt(request);
    expect(Date.parse(waiting.retryAt!) - Date.parse(end.endedAt!)).toBe(300_000);
    expect(await fixture.starts()).toHaveLength(1);
  });

  test('a result that was refused is never adopted again', async () => {
    const request = await fixture.request('job', 'succeed()');
    await fixture.backend.launchOrAdopt(request);
    await fixture.end('job');
    const failure = { code: 'TRAINER_BAD_RESULT', message: 'score is NaN in 3 rows' } as const;
    expect(await fixture.backend.reject('job', 1, failure)).toMatchObject({ phase: 'failed', failure });
    await fixture.backend.reject('job', 1, { ...failure, message: 'another verdict' });
    expect(await fixture.backend.launchOrAdopt(request)).toMatchObject({ phase: 'failed', failure });
    await fixture.backend.launchOrAdopt({ ...request, since: new Date(Date.now() + 1).toISOString() });
    expect(await fixture.end('job')).toMatchObject({ phase: 'succeeded', attempt: 2 });
  });
});

describe('waiting', () => {
  test('ends at new progress, at the end, after the given time, and at once when aborted', async () => {
    const request = await fixture.request('job', `progress(1)\nwait_for_release()\nprogress(2)\nsucceed()`);
    await fixture.backend.launchOrAdopt(request);
    const first = await fixture.progressing('job');
    expect(first.progress?.step).toBe(1);
    expect(await fixture.backend.waitForChange(first, 30, new AbortController().signal)).toEqual(first);
    const aborting = new AbortController();
    const waiting = fixture.backend.waitForChange(first, 60_000, aborting.signal);
    aborting.abort(new Error('the activity was cancelled'));
    await expect(waiting).rejects.toThrow('the activity was cancelled');
    const changed = fixture.backend.waitForChange(first, 60_000, new AbortController().signal);
    await fixture.release();
    expect((await changed).progress?.step).toBe(2);
    expect(await fixture.end('job')).toMatchObject({ phase: 'succeeded' });
  });
});
