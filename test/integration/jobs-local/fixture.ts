/** A backend in a folder of its own, and jobs that are small Python programs of the test. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJobBackend } from '../../../src/adapters/jobs/local';
import { processesOf } from '../../../src/adapters/jobs/local/job-processes';
import { pythonFolder } from '../../support/python';
import type { JobBackend, JobRequest, JobStatus } from '../../../src/ports/job-backend';

/** Interpreter of the project's Python environment. */
export const python = join(pythonFolder(), 'python');
export const trainersPath = join(__dirname, '..', '..', '..', 'trainers');

/** The start of every test program: counts its own start, as a line in the file that the test names. */
const COUNT_START = `
import json, os, pathlib, signal, subprocess, sys, time
with open(os.environ["STARTS"], "a") as starts:
    starts.write(f"{os.getpid()}\\n")
out = pathlib.Path(os.environ["MILLRACE_JOB_DIR"]) / "out"
def progress(step, **more):
    with open(out / "progress.jsonl", "a") as file:
        file.write(json.dumps({"step": step, **more}) + "\\n")
def succeed():
    (out / "result.json").write_text(json.dumps({"contract": 1, "status": "succeeded", "rows": {"predicted": 0}, "model": False}))
def wait_for_release():
    while not os.path.exists(os.environ["STARTS"] + ".release"):
        time.sleep(0.01)
`;

/** A test's own jobs. */
export interface Fixture {
  readonly root: string;
  readonly backend: JobBackend;
  /** A request for a job that runs `program`; `changes` replace parts of it. */
  request(jobName: string, program: string, changes?: Partial<JobRequest>): Promise<JobRequest>;
  /** Pids of all programs that were started, in order. */
  starts(): Promise<number[]>;
  /** Lets programs go on that are in `wait_for_release()`. */
  release(): Promise<void>;
  /** Waits until the newest attempt is over. */
  end(jobName: string): Promise<JobStatus>;
  /** Waits until the newest attempt has reported progress. */
  progressing(jobName: string): Promise<JobStatus>;
  /** Ends every job and removes the folder. */
  close(): Promise<void>;
}

/** Makes a fixture; call `close` in the end. */
export async function createFixture(): Promise<Fixture> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-jobs-'));
  const starts = join(root, 'starts.txt');
  const backend = await createLocalJobBackend({ root: join(root, 'store'), trainersPath, graceSeconds: 1 });
  const names = new Set<string>();

  async function until(jobName: string, reached: (status: JobStatus) => boolean): Promise<JobStatus> {
    const giveUp = Date.now() + 30_000;
    let status = await backend.describe(jobName);
    while (status !== undefined && !reached(status)) {
      if (Date.now() > giveUp) throw new Error(`${jobName} is still ${status.phase}`);
      status = await backend.waitForChange(status, 5_000, new AbortController().signal);
    }
    if (status === undefined) throw new Error(`${jobName} has no attempt`);
    return status;
  }

  return {
    root,
    backend,
    async request(jobName, program, changes = {}) {
      names.add(jobName);
      const file = join(root, `${jobName}.py`);
      await writeFile(file, COUNT_START + program);
      return {
        jobName,
        input: { contract: 1, action: 'score', task: 'binary', classes: ['no', 'yes'], threads: 1 },
        files: { 'code/train.py': file },
        python,
        command: ['python', '-I', 'train.py'],
        environment: { STARTS: starts },
        timeoutSeconds: 60,
        maxAttempts: 3,
        retryInitialSeconds: 0,
        retryMaxSeconds: 0,
        since: new Date(0).toISOString(),
        follower: { workflowId: 'churn/manual/1' },
        ...changes,
      };
    },
    async starts() {
      const text = await readFile(starts, 'utf8').catch(() => '');
      return text.split('\n').filter(Boolean).map(Number);
    },
    release: () => writeFile(`${starts}.release`, ''),
    end: (jobName) => until(jobName, ({ phase }) => phase !== 'running' && phase !== 'pending'),
    progressing: (jobName) =>
      until(jobName, ({ progress, phase }) => progress !== undefined || phase === 'failed'),
    async close() {
      for (const name of names) await backend.cancel(name, 'the test is over');
      await rm(root, { recursive: true, force: true });
    },
  };
}

/** Pids of the supervisor and of the program of an attempt that runs. */
export async function processIdsOf(status: JobStatus): Promise<{ supervisor: number; others: number[] }> {
  const { pid } = JSON.parse(await readFile(join(status.directory, 'process.json'), 'utf8')) as {
    pid: number;
  };
  return { supervisor: pid, others: (await processesOf(status.directory)).filter((other) => other !== pid) };
}
