/** `artifacts get RUN STAGE` and `logs RUN CANDIDATE|features`: files of a run, for other programs to open. */
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { createLocalJobBackend } from '../../adapters/jobs/local';
import { MillraceError } from '../../contracts/errors';
import { stageSchema, STAGES, type CandidateStatus, type RunStatus } from '../../contracts/runs';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { FEATURES, readRun, type RunView } from '../runs/read-run';
import { artifactOf, openStore } from '../store';

/** What a person wants of an artifact with several files, by stage. */
const MAIN_FILES: Readonly<Record<string, string>> = {
  acquire: 'sources.json',
  dataset: 'dataset.parquet',
  validate: 'quality.json',
  features: 'joined.parquet',
  split: 'rows.parquet',
  holdout: 'holdout.json',
  report: 'report.html',
};

/** `millrace artifacts get RUN STAGE [--candidate NAME] [--file NAME]`: prints an absolute path. */
export async function getArtifact(
  context: CommandContext,
  workflowId: string,
  stage: string,
  options: { readonly candidate?: string; readonly file?: string },
): Promise<number> {
  const parsed = stageSchema.safeParse(stage);
  if (!parsed.success)
    throw new MillraceError('USAGE', `There is no stage ${stage}.`, {
      mend: `use one of ${STAGES.join(', ')}`,
    });
  return context.withClient(async (client) => {
    const { status } = await readRun(client, workflowId);
    const ref =
      parsed.data === 'train'
        ? candidateOf(status.candidates, options.candidate ?? status.winner, workflowId).artifact
        : artifactOf(status, parsed.data);
    if (!ref)
      throw new MillraceError('RUN_CONFLICT', 'That candidate left no artifact.', { where: workflowId });
    const { directory, manifest } = await (await openStore(context)).open(ref);
    const files = Object.keys(manifest.files);
    const wanted =
      options.file ?? (parsed.data === 'train' ? 'predictions.parquet' : MAIN_FILES[parsed.data]);
    const file = wanted !== undefined && files.includes(wanted) ? wanted : files[0];
    if (file === undefined || (options.file !== undefined && file !== options.file))
      throw new MillraceError('USAGE', `The artifact has no file ${options.file ?? ''}.`, {
        where: directory,
        mend: `it has ${files.join(', ')}`,
      });
    const path = join(directory, file);
    context.output.result({ artifact: ref, directory, path, files }, [path]);
    return EXIT.ok;
  });
}

/** `millrace logs RUN CANDIDATE [--follow] [--attempt N]`; `features` is the function of `features.python`. */
export async function logs(
  context: CommandContext,
  workflowId: string,
  candidateName: string,
  options: { readonly follow?: boolean; readonly attempt?: number },
): Promise<number> {
  return context.withClient(async (client) => {
    const look = (): Promise<RunView> => readRun(client, workflowId);
    const view = await look();
    const path = await logPathOf(context, view, candidateName, options.attempt);
    if (context.output.json) {
      context.output.result({ workflowId, candidate: candidateName, path }, []);
      return EXIT.ok;
    }
    let from = await print(path, 0);
    while (options.follow === true) {
      const now = loggedIn((await look()).status, candidateName);
      from = await print(path, from);
      if (now.state !== 'running' && now.state !== 'waiting') break;
      await pause(500);
    }
    return EXIT.ok;
  });
}

/** What has a job with a log. */
interface Logged extends Pick<CandidateStatus, 'state' | 'error' | 'artifact'> {
  /** The job that it has run; of a candidate its artifact tells. */
  readonly job?: string | undefined;
}

/** The candidate of that name, or the user's function that makes the table. @throws USAGE when there is neither. */
function loggedIn({ candidates, stages, error, workflowId }: RunStatus, name: string): Logged {
  const dataset = stages.find(({ stage }) => stage === 'dataset');
  if (name !== FEATURES || !dataset || candidates.some((candidate) => candidate.name === name))
    return candidateOf(candidates, name, workflowId);
  const state = dataset.state === 'pending' || dataset.state === 'skipped' ? 'waiting' : dataset.state;
  return { state, ...(state === 'failed' && error && { error }), job: dataset.job };
}

/** The log lies in the job directory; when that is gone, in what the finished training left. @throws RUN_CONFLICT when there is none yet. */
async function logPathOf(
  context: CommandContext,
  { status, progress }: RunView,
  name: string,
  attempt: number | undefined,
): Promise<string> {
  const candidate = loggedIn(status, name);
  const jobName =
    progress[name]?.jobName ??
    candidate.job ??
    /\bjob ([A-Za-z0-9._-]+)/.exec(candidate.error?.message ?? '')?.[1];
  if (jobName !== undefined) {
    const path = await logOfJob(context, jobName, attempt);
    if (path !== undefined) return path;
  }
  if (candidate.artifact) {
    const { directory, manifest } = await (await openStore(context)).open(candidate.artifact);
    const summary = finishedJobSchema.parse(manifest.summary);
    const file = Object.keys(manifest.files).find((one) => one === 'log.txt' || one.endsWith('/log.txt'));
    if (file !== undefined && (attempt ?? summary.attempts) === summary.attempts)
      return join(directory, file);
    const path = summary.jobName && (await logOfJob(context, summary.jobName, attempt));
    if (path) return path;
  }
  const which = attempt === undefined ? '' : ` attempt ${attempt} of`;
  throw new MillraceError('RUN_CONFLICT', `There is no log of${which} ${name} in ${status.workflowId}.`, {
    where: status.workflowId,
    mend:
      candidate.state === 'waiting'
        ? 'it has not started yet'
        : `see how it went with \`millrace show ${status.workflowId}\``,
  });
}

/** What a finished training says of the job that made it. */
const finishedJobSchema = z.object({ jobName: z.string().optional(), attempts: z.number().optional() });

async function logOfJob(
  context: CommandContext,
  jobName: string,
  attempt: number | undefined,
): Promise<string | undefined> {
  const backend = await createLocalJobBackend({
    root: context.folders.jobs,
    trainersPath: context.installation.trainers,
  });
  return backend.logPath(jobName, attempt);
}

function candidateOf(
  candidates: readonly CandidateStatus[],
  name: string | undefined,
  workflowId: string,
): CandidateStatus {
  const found = candidates.find((candidate) => candidate.name === name);
  if (found) return found;
  throw new MillraceError(
    'USAGE',
    name === undefined ? 'Which candidate?' : `There is no candidate ${name}.`,
    {
      where: workflowId,
      mend: `name one of ${candidates.map((candidate) => candidate.name).join(', ')}`,
    },
  );
}

/** Prints a file from a byte on. @returns where it ends now. */
async function print(path: string, from: number): Promise<number> {
  const { size } = await stat(path);
  if (size <= from) return from;
  const file = await open(path);
  try {
    for await (const chunk of file.createReadStream({ start: from, end: size - 1, autoClose: false }))
      process.stdout.write(chunk as Buffer);
  } finally {
    await file.close();
  }
  return size;
}
