/**
 * Catches: an end of a job that is called by the wrong name (a timeout that looks like a crash, a kill for memory that looks like a lost process), is
 * retried when it cannot help, or leaves processes behind. Every job is a real process under the real supervisor.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { processesOf } from '../../../src/adapters/jobs/local/job-processes';
import type { JobRequest, JobStatus } from '../../../src/ports/job-backend';
import { createFixture, processIdsOf, python, type Fixture } from './fixture';

jest.setTimeout(60_000);

let fixture: Fixture;
beforeEach(async () => (fixture = await createFixture()));
afterEach(() => fixture.close());

async function run(program: string, changes: Partial<JobRequest> = {}): Promise<JobStatus> {
  const status = await fixture.backend.launchOrAdopt(await fixture.request('job', program, changes));
  expect(status.phase).toMatch(/running|succeeded|failed/);
  const end = await fixture.end('job');
  // The supervisor may still be about to leave; nothing else may.
  expect((await processIdsOf(end)).others).toEqual([]);
  expect(await fixture.backend.listRunning()).toEqual([]);
  return end;
}

test('success: phase, times, peak memory, log and the last whole line of progress', async () => {
  const end = await run(`
progress(1, fraction=0.5, metrics={"loss": 0.25})
with open(out / "progress.jsonl", "a") as file:
    file.write('junk\\n{"step": "two"}\\n{"step": 2, "fra')
print("trained", flush=True); print("\\u00e9", file=sys.stderr)
ballast = b"x" * (64 << 20)
succeed()`);
  expect(end).toMatchObject({
    phase: 'succeeded',
    attempt: 1,
    progress: { step: 1, fraction: 0.5, metrics: { loss: 0.25 } },
  });
  expect(end.failure).toBeUndefined();
  expect(Date.parse(end.endedAt!)).toBeGreaterThanOrEqual(Date.parse(end.startedAt!));
  expect(end.peakMemoryBytes).toBeGreaterThan(64 << 20);
  expect(end.peakMemoryBytes).toBeLessThan(200 << 20);
  expect(await readFile((await fixture.backend.logPath('job'))!, 'utf8')).toBe('trained\né\n');
  expect(await fixture.backend.logPath('job', 2)).toBeUndefined();
  expect(await fixture.backend.logPath('other')).toBeUndefined();
});

test('exit code 64 is a refused input, in the words of the trainer', async () => {
  const end = await run(
    `(out / "error.json").write_text('{"message": "column age is empty"}'); sys.exit(64)`,
  );
  expect(end).toMatchObject({
    phase: 'failed',
    failure: { code: 'TRAINER_BAD_INPUT', message: 'column age is empty' },
  });
});

test("without a command the trainers' own entry point runs, and refuses a job directory that lacks its tables", async () => {
  const { command: _, ...request } = await fixture.request('job', '');
  await fixture.backend.launchOrAdopt(request);
  const end = await fixture.end('job');
  expect(end).toMatchObject({ phase: 'failed', failure: { code: 'TRAINER_BAD_INPUT' } });
  const told = JSON.parse(await readFile(join(end.directory, 'out', 'error.json'), 'utf8')) as {
    message: string;
  };
  expect(end.failure?.message).toBe(told.message);
});

test('another exit code is a crash; the message ends with the last line of the log, of which a bounded tail travels', async () => {
  const end = await run(`
for number in range(20000): print("line", number)
raise ValueError("no convergence")`);
  expect(end.failure).toMatchObject({
    code: 'TRAINER_CRASHED',
    message: 'The trainer ended with exit code 1: ValueError: no convergence',
  });
  expect(end.failure!.logTail.length).toBeLessThanOrEqual(4096);
  expect(end.failure!.logTail).toContain('line 19999');
});

test('a crash by its own signal is a crash, too', async () => {
  const end = await run(`os.kill(os.getpid(), signal.SIGSEGV)`);
  expect(end.failure).toMatchObject({
    code: 'TRAINER_CRASHED',
    message: expect.stringContaining('SIGSEGV') as string,
  });
});

test('what aborts after the result was written takes nothing from it', async () => {
  const end = await run(`succeed(); os.abort()`);
  expect(end).toMatchObject({ phase: 'succeeded' });
  expect(end.failure).toBeUndefined();
});

test('a kill from outside is a lost trainer', async () => {
  await fixture.backend.launchOrAdopt(await fixture.request('job', `progress(1)\nsignal.pause()`));
  await fixture.progressing('job');
  const [pid] = await fixture.starts();
  process.kill(pid!, 'SIGKILL');
  expect((await fixture.end('job')).failure).toMatchObject({
    code: 'TRAINER_LOST',
    message: expect.stringContaining('SIGKILL') as string,
  });
});

test('timeout: a trainer that ignores SIGTERM is killed with everything it started, in whatever group', async () => {
  const end = await run(
    `
signal.signal(signal.SIGTERM, signal.SIG_IGN)
stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)"
subprocess.Popen([sys.executable, "-c", stubborn], start_new_session=True)
subprocess.Popen(["sh", "-c", f"'{sys.executable}' -c '{stubborn}' & exit 0"]).wait()
signal.pause()
signal.pause()`,
    { timeoutSeconds: 1 },
  );
  expect(end.failure).toMatchObject({
    code: 'TRAINER_TIMEOUT',
    message: expect.stringContaining('1 seconds') as string,
  });
});

test('a trainer that ends leaves nothing running', async () => {
  const end = await run(`subprocess.Popen(["sleep", "1000"], start_new_session=True)\nsucceed()`);
  expect(end.phase).toBe('succeeded');
});

test('memory: the sum over all its processes counts, and what forked workers share counts once', async () => {
  const hungry = `
children = [subprocess.Popen([sys.executable, "-c", "import time; x = b'x' * (80 << 20); time.sleep(1000)"]) for _ in range(3)]
for child in children: child.wait()
succeed()`;
  const end = await run(hungry, { memoryBytes: 200 << 20 });
  expect(end.failure).toMatchObject({
    code: 'TRAINER_OUT_OF_MEMORY',
    message: expect.stringContaining('200 MiB') as string,
  });

  const sharing = `
import mmap
shared = b"x" * (120 << 20)
workers = []
for _ in range(3):
    pid = os.fork()
    if pid == 0:
        time.sleep(0.5); os._exit(0)
    workers.append(pid)
for pid in workers: os.waitpid(pid, 0)
succeed()`;
  await fixture.backend.launchOrAdopt(await fixture.request('sharing', sharing, { memoryBytes: 200 << 20 }));
  expect((await fixture.end('sharing')).phase).toBe('succeeded');
});

test('no result, and a result that breaks the contract', async () => {
  expect((await run('pass')).failure).toMatchObject({ code: 'TRAINER_NO_RESULT' });
  const broken = await fixture.request('broken', `(out / "result.json").write_text('{"contract": 1')`);
  await fixture.backend.launchOrAdopt(broken);
  expect((await fixture.end('broken')).failure).toMatchObject({ code: 'TRAINER_BAD_RESULT' });
});

test('a command that cannot be started, and an interpreter that cannot', async () => {
  const end = await run('', { command: ['no-such-program'] });
  expect(end.failure).toMatchObject({
    code: 'TRAINER_ENVIRONMENT_FAILED',
    message: expect.stringContaining('No such file') as string,
  });
  const request = await fixture.request('unstartable', 'succeed()', { python: join(fixture.root, 'absent') });
  await expect(fixture.backend.launchOrAdopt(request)).rejects.toMatchObject({
    code: 'TRAINER_ENVIRONMENT_FAILED',
    retryable: false,
  });
  // Mended, the claimed attempt is started after all.
  const mended = { ...request, python };
  await fixture.backend.launchOrAdopt(mended);
  expect(await fixture.end('unstartable')).toMatchObject({ phase: 'succeeded', attempt: 1 });
});

test('cancelling ends everything before it returns, is idempotent, and is neither a failure nor adopted', async () => {
  const request = await fixture.request(
    'job',
    `
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "1000"], start_new_session=True)
progress(1)
wait_for_release()
succeed()`,
  );
  await fixture.backend.launchOrAdopt(request);
  const running = await fixture.progressing('job');
  expect((await processIdsOf(running)).others).toHaveLength(2);
  await Promise.all([
    fixture.backend.cancel('job', 'asked to'),
    fixture.backend.cancel('job', 'asked twice'),
  ]);
  expect(await processesOf(running.directory)).toEqual([]);
  const cancelled = await fixture.backend.describe('job');
  expect(cancelled).toMatchObject({ phase: 'cancelled', attempt: 1 });
  // The supervisor ended it, and not the kill that comes when a supervisor hangs.
  expect(cancelled?.peakMemoryBytes).toBeGreaterThan(0);
  await fixture.backend.cancel('job', 'once more');
  await fixture.backend.cancel('never-started', 'nothing to do');
  await fixture.release();
  await fixture.backend.launchOrAdopt({ ...request, maxAttempts: 1 });
  expect(await fixture.end('job')).toMatchObject({ phase: 'succeeded', attempt: 2 });
});

test('cancelling reaches a job whose supervisor hangs', async () => {
  await fixture.backend.launchOrAdopt(await fixture.request('job', `progress(1)\nsignal.pause()`));
  const running = await fixture.progressing('job');
  process.kill((await processIdsOf(running)).supervisor, 'SIGSTOP');
  await fixture.backend.cancel('job', 'asked to');
  expect(await processesOf(running.directory)).toEqual([]);
  expect(await fixture.backend.describe('job')).toMatchObject({ phase: 'cancelled' });
});

test('of the environment only the allowlist and the request reach the trainer, and no value of it reaches the disk', async () => {
  process.env.WORKER_PASSWORD = 'sesame-worker';
  try {
    const request = await fixture.request('job', `print(json.dumps(dict(os.environ)))\nsucceed()`);
    await fixture.backend.launchOrAdopt({
      ...request,
      environment: { ...request.environment, MLFLOW_TRACKING_TOKEN: 'sesame-mlflow' },
    });
    const { directory } = await fixture.end('job');
    const log = join(directory, 'log.txt');
    const seen = JSON.parse(await readFile(log, 'utf8')) as Record<string, string>;
    expect(seen).toMatchObject({
      MLFLOW_TRACKING_TOKEN: 'sesame-mlflow',
      MILLRACE_JOB_DIR: directory,
      HOME: process.env.HOME,
    });
    expect(seen.PATH!.split(':')[0]).toBe(dirname(python));
    expect(seen.PYTHONPATH).toMatch(/trainers$/);
    expect(Object.keys(seen)).not.toContain('WORKER_PASSWORD');
    expect(Object.keys(seen).filter((name) => /^(npm_|JEST|NODE|PIP)/.test(name))).toEqual([]);
    await writeFile(log, '');
    const { execFileSync } = await import('node:child_process');
    const found = execFileSync('sh', ['-c', `grep -rl sesame "${fixture.root}" || true`], {
      encoding: 'utf8',
    });
    expect(found).toBe('');
  } finally {
    delete process.env.WORKER_PASSWORD;
  }
});

test('inputs lie in the job directory as copies that a trainer cannot use to change the original', async () => {
  const original = join(fixture.root, 'train.parquet');
  await writeFile(original, 'rows', { mode: 0o444 });
  const request = await fixture.request(
    'job',
    `
table = pathlib.Path(os.environ["MILLRACE_JOB_DIR"]) / "train.parquet"
assert table.read_text() == "rows"
try:
    table.write_text("changed")
except PermissionError:
    pass
assert json.loads((table.parent / "input.json").read_text())["action"] == "score"
assert os.getcwd() == str(table.parent / "code")
succeed()`,
  );
  await fixture.backend.launchOrAdopt({ ...request, files: { ...request.files, 'train.parquet': original } });
  expect(await fixture.end('job')).toMatchObject({ phase: 'succeeded' });
  expect(await readFile(original, 'utf8')).toBe('rows');
  for (const name of ['../escaped', '/escaped', 'code/../../escaped']) {
    const leaving = { ...request, jobName: 'leaving', files: { [name]: original } };
    await expect(fixture.backend.launchOrAdopt(leaving)).rejects.toMatchObject({ code: 'PATH_OUTSIDE_ROOT' });
  }
  await expect(fixture.backend.launchOrAdopt({ ...request, jobName: '../x' })).rejects.toMatchObject({
    code: 'PATH_OUTSIDE_ROOT',
  });
});
