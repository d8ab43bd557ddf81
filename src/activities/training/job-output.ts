/** What the steps that jobs compute have in common: when their output still holds, and what is kept of a job. */
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import type { StepIdentity } from '../../contracts/artifacts';
import type { ArtifactStore, StoredArtifact } from '../../ports/artifact-store';
import type { JobBackend, JobStatus } from '../../ports/job-backend';

/** What the step's manifest remembers of the job. */
export interface JobSummary {
  readonly jobName: string;
  readonly attempts: number;
  readonly seconds: number;
}

/** See {@link JobSummary}. */
export function summaryOf(status: JobStatus): JobSummary {
  return { jobName: status.jobName, attempts: status.attempt, seconds: secondsOf(status) };
}

/** The stored output, unless it is older than the run that asked to do it again. */
export async function findDone(
  store: ArtifactStore,
  identity: StepIdentity,
  notBefore: string | undefined,
): Promise<StoredArtifact | undefined> {
  const found = await store.find(identity);
  if (!found || notBefore === undefined || found.manifest.createdAt >= notBefore) return found;
  await store.forget(identity);
  return undefined;
}

/** Keeps the log of the job beside what it made. */
export async function copyLog(backend: JobBackend, status: JobStatus, directory: string): Promise<void> {
  const log = await backend.logPath(status.jobName, status.attempt);
  if (log !== undefined) await copyFile(log, path.join(directory, 'log.txt'));
}

/** The libraries below scikit-learn, XGBoost and LightGBM take their thread counts from these. */
export function threadLimits(threads: number): Record<string, string> {
  return Object.fromEntries(
    ['OMP_NUM_THREADS', 'OPENBLAS_NUM_THREADS', 'MKL_NUM_THREADS', 'NUMEXPR_NUM_THREADS'].map((name) => [
      name,
      String(threads),
    ]),
  );
}

function secondsOf({ startedAt, endedAt }: JobStatus): number {
  return startedAt === undefined || endedAt === undefined
    ? 0
    : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
}
