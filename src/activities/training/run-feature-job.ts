/** The activity that runs the Python function of `features.python`, or finds its table made. */
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import type { RunFeatureJobInput, RunFeatureJobOutput } from '../../contracts/steps';
import { runFeatureJobInputSchema } from '../../contracts/steps';
import { BUILT_TABLE_FILE, tableFileOf } from '../../contracts/trainer';
import type { StoredArtifact } from '../../ports/artifact-store';
import type { JobStatus } from '../../ports/job-backend';
import { loadSpec } from '../stored-spec';
import { checkBuiltTable } from './check-table';
import type { TrainingActivityDependencies } from './dependencies';
import {
  buildIdentity,
  buildInputOf,
  buildJobName,
  featureCodeIn,
  tableDigests,
  type FeatureBuild,
} from './feature-job';
import { followJob, type FollowedJob } from './follow-job';
import { copyLog, findDone, summaryOf, threadLimits, type JobSummary } from './job-output';
import { codeOfFeatures, collectUserCode, digestUserCode } from './user-code';

/** See {@link runFeatureJobInputSchema}. */
export async function runFeatureJob(
  dependencies: TrainingActivityDependencies,
  rawInput: RunFeatureJobInput,
): Promise<RunFeatureJobOutput> {
  const input = runFeatureJobInputSchema.parse(rawInput);
  const { store, environments, backend } = dependencies;
  const { spec, origin } = await loadSpec(store, input.spec);
  const code = featureCodeIn(spec);
  const tables = await store.open(input.tables);
  const files = await collectUserCode(codeOfFeatures(code), origin.directory);
  const build: FeatureBuild = {
    pipeline: spec.name,
    code,
    tables: tableDigests(spec, tables),
    environment:
      code.requirements === undefined
        ? await environments.base()
        : await environments.withRequirements(path.resolve(origin.directory, code.requirements)),
    trainerCode: await environments.trainerCodeDigest(),
    userCode: await digestUserCode(files),
  };
  const identity = buildIdentity(build);
  const found = await findDone(store, identity, input.fresh ? input.run.startedAt : undefined);
  if (found) return outputOf(found, true);

  const jobInput = buildInputOf(build);
  const status = await followFeatures(dependencies, code.function, {
    jobName: buildJobName(build, input.fresh ? `${input.run.workflowId} ${input.run.startedAt}` : undefined),
    input: jobInput,
    files: {
      ...Object.fromEntries(
        jobInput.tables.map((name) => [tableFileOf(name), path.join(tables.directory, tableFileOf(name))]),
      ),
      ...Object.fromEntries(
        Object.entries(files).map(([name, file]) => [path.posix.join('code', name), file]),
      ),
    },
    python: build.environment.python,
    environment: threadLimits(jobInput.threads),
    timeoutSeconds: code.timeout,
    ...(code.resources.memory !== undefined && { memoryBytes: code.resources.memory }),
    maxAttempts: code.retries.attempts,
    retryInitialSeconds: code.retries.initial,
    retryMaxSeconds: code.retries.max,
    follower: { workflowId: input.run.workflowId },
  });
  const out = path.join(status.directory, 'out');
  await checkBuiltTable(dependencies, out, status);
  const stored = await store.commit(identity, async (directory) => {
    await copyFile(path.join(out, BUILT_TABLE_FILE), path.join(directory, BUILT_TABLE_FILE));
    await copyFile(path.join(status.directory, 'input.json'), path.join(directory, 'input.json'));
    await copyLog(backend, status, directory);
    return { summary: summaryOf(status) };
  });
  return outputOf(stored, false);
}

/** A failure says which function it was, and shows the end of what Python wrote where the job's own words do not. */
async function followFeatures(
  dependencies: TrainingActivityDependencies,
  name: string,
  job: FollowedJob,
): Promise<JobStatus> {
  try {
    return await followJob(dependencies, job);
  } catch (error) {
    if (!isMillraceError(error)) throw error;
    const { code, message, where, details, retryable } = error;
    const { logTail } = (details ?? {}) as { logTail?: string };
    // The function's own words may have lines: the job's stand below them.
    const told = message.replace(/ (\(job [^()]*\))$/, '\n$1');
    const shown =
      code === 'TRAINER_CRASHED' && logTail !== undefined ? `${told}\n${lastLines(logTail)}` : told;
    throw new MillraceError(code, shown.startsWith(name) ? shown : `${name}: ${shown}`, {
      ...(where !== undefined && { where }),
      mend: 'mend the function, then `millrace retry RUN`; the whole log: `millrace logs RUN features`',
      details,
      retryable,
      cause: error,
    });
  }
}

/** Few enough for a message, enough for the place in the user's file. */
function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-12).join('\n').slice(-1500);
}

function outputOf(stored: StoredArtifact, cached: boolean): RunFeatureJobOutput {
  const { jobName, attempts, seconds } = stored.manifest.summary as JobSummary;
  return { artifact: stored.ref, cached, jobName, attempts, seconds };
}
