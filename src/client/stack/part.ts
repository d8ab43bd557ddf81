/** One part of the embedded stack: a detached process that is started when it is not there, waited for, and stopped. */
import { mkdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lookUntil } from '../../adapters/endpoint/local/looks';
import { startDetached, stopProcess } from '../../adapters/endpoint/local/processes';
import { isAlive, type ProcessIdentity } from '../../adapters/local-host/process-identity';
import { MillraceError } from '../../contracts/errors';

const POLL_MS = 50;
/** MLflow takes 10 s; beside trainings on a small machine several times that. */
const START_MS = 180_000;
const GRACE_MS = 20_000;
const LOG_TAIL_BYTES = 2000;

/** What a part is started with. */
export interface PartPlan {
  /** As people read it: `Temporal server`. */
  readonly title: string;
  readonly command: readonly string[];
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** File that its output is appended to. */
  readonly log: string;
  /** Whether it answers, and there is nothing left to wait for. */
  readonly isHealthy: () => Promise<boolean>;
}

/** A part that runs. */
export interface RunningPart {
  readonly process: ProcessIdentity;
  readonly log: string;
}

/** Starts the process; says nothing of its health. @throws SETUP_FAILED when it cannot be started. */
export async function startPart(plan: PartPlan): Promise<RunningPart> {
  await mkdir(dirname(plan.log), { recursive: true });
  try {
    return { process: await startDetached(plan), log: plan.log };
  } catch (error) {
    throw new MillraceError(
      'SETUP_FAILED',
      `The ${plan.title} could not be started: ${error instanceof Error ? error.message : String(error)}.`,
      { where: plan.command[0] ?? plan.title, mend: 'see `millrace doctor`', cause: error },
    );
  }
}

/** Waits until the part answers. @throws SETUP_FAILED with the end of its log when it ends before, or does not answer within three minutes. */
export async function untilHealthy(plan: PartPlan, part: RunningPart): Promise<void> {
  const logStart = (await stat(plan.log).catch(() => undefined))?.size ?? 0;
  const end = await lookUntil(START_MS, POLL_MS, async () => {
    const healthy = await plan.isHealthy();
    // In this order: whoever answers while the process is gone is somebody else.
    if (!(await isAlive(part.process))) return 'gone';
    return healthy ? 'up' : undefined;
  });
  if (end === 'up') return;
  if (end === undefined) await stopPart(part);
  throw new MillraceError(
    'SETUP_FAILED',
    end === 'gone'
      ? `The ${plan.title} ended while it started: ${await tailOf(plan.log, Math.max(0, logStart - LOG_TAIL_BYTES))}`
      : `The ${plan.title} does not answer after ${START_MS / 1000} s.`,
    { where: plan.log, mend: 'read its log, then type `millrace up` again' },
  );
}

/** Asks the process to end, kills it when it does not, and waits until it is gone. A foreign process of the same pid is never touched. */
export async function stopPart(part: RunningPart): Promise<void> {
  await stopProcess(part.process, GRACE_MS);
}

/** Whether an address answers with a status of success within two seconds. */
export async function answersOk(url: string): Promise<boolean> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
  await answer?.body?.cancel().catch(() => undefined);
  return answer?.ok === true;
}

async function tailOf(log: string, from: number): Promise<string> {
  const bytes = await readFile(log).catch(() => Buffer.alloc(0));
  const text = bytes.subarray(from).toString('utf8').trim();
  return text === '' ? 'it left no word in its log.' : text.slice(-LOG_TAIL_BYTES);
}
