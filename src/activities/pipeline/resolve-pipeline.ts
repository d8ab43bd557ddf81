/** The activity that reads the pipeline file for a run, so that what it read is in the run's history and in the store. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../../contracts/errors';
import { featureCodeOf, type Candidate, type Deploy, type PipelineSpec } from '../../contracts/pipeline-file';
import type { ResolvedRun, SpecOrigin } from '../../contracts/runs';
import {
  resolvePipelineInputSchema,
  resolvePipelineOutputSchema,
  type ResolvePipelineInput,
} from '../../contracts/steps';
import { runQueuesFor } from '../../contracts/task-queues';
import type { ArtifactStore } from '../../ports/artifact-store';
import type { LoadedPipeline, PipelineCatalog } from '../../ports/pipeline-catalog';
import { runCachedStep } from '../cached-step';
import { poolOf } from './pool-of';
import { SPEC_FILE, type StoredSpec } from '../stored-spec';

/** What reading a pipeline needs from outside. */
export interface PipelineActivityDependencies {
  readonly catalog: PipelineCatalog;
  readonly store: ArtifactStore;
  /** Whether the store is a folder of this host, so that data and training must run here. */
  readonly hostBound: boolean;
  /** The environment that this worker serves. */
  readonly environment: {
    readonly name: string;
    readonly modelPrefix: string;
    /** Pool → units; none unless given. */
    readonly pools?: Readonly<Record<string, number>>;
  };
  /** Whether the namespace has Millrace's search attributes, found out before the worker polls. */
  readonly searchAttributes: boolean;
  /** Digest of the code that writes the artifact. */
  readonly codeDigest: string;
}

/** How long an approval is waited for where the file does not say. */
const APPROVAL_SECONDS = 7 * 86_400;

/**
 * Reads the pipeline file as it is now and commits it, resolved, as the artifact `spec`. Reads the world: a run's history holds the result,
 * and a retry of the activity reads the file again.
 * @throws PIPELINE_NOT_FOUND, PIPELINE_FILE_INVALID, PIPELINE_PARAMETER_INVALID, NOT_SUPPORTED_YET, PATH_OUTSIDE_ROOT, POOL_UNKNOWN; USAGE when the
 * worker serves another environment.
 */
export async function resolvePipeline(
  dependencies: PipelineActivityDependencies,
  rawInput: ResolvePipelineInput,
): Promise<ResolvedRun> {
  const { input } = resolvePipelineInputSchema.parse(rawInput);
  const { catalog, store, environment, hostBound, searchAttributes, codeDigest } = dependencies;
  if (input.environment !== undefined && input.environment !== environment.name)
    throw new MillraceError(
      'USAGE',
      `The run asks for the environment ${input.environment}; this worker serves ${environment.name}.`,
      {
        where: 'environment',
        mend: `Start the run on a Temporal namespace that a worker with --env ${input.environment} polls.`,
      },
    );

  const loaded = await catalog.load(input.pipeline, input.params, input.nominalDate);
  const content: StoredSpec = { spec: loaded.spec, origin: originOf(loaded, input.sample) };
  // The key covers all that is written, the commit too: whoever reads the artifact must find its own run's origin. Later steps do not
  // depend on it, since they put the parts of the spec that they use into their own keys, never this artifact's digest.
  const { artifact } = await runCachedStep(store, {
    identity: { step: 'spec', code: codeDigest, params: content, inputs: {} },
    fresh: false,
    write: async (directory) => {
      await writeFile(path.join(directory, SPEC_FILE), `${JSON.stringify(content, null, 2)}\n`);
      return { pipeline: loaded.spec.name, pipelineDigest: loaded.digest };
    },
  });

  const { spec } = loaded;
  const featureCode = featureCodeOf(spec.features)?.function;
  return resolvePipelineOutputSchema.parse({
    pipeline: spec.name,
    environment: environment.name,
    spec: artifact,
    ...(spec.registry === undefined ? {} : { model: `${environment.modelPrefix}${spec.registry.model}` }),
    queues: runQueuesFor({ id: store.id, hostBound }),
    candidates: spec.candidates.map(({ name, trainer }) => ({ name, trainer: trainerTitle(trainer) })),
    parallel: spec.training.parallel,
    jobTimeoutSeconds: spec.training.timeout,
    gate: spec.evaluation.gate,
    ...(spec.sla === undefined ? {} : { slaSeconds: spec.sla }),
    ...poolOf(spec, environment),
    ...priorityOf(input.priority ?? spec.training.priority),
    ...(spec.maxActiveRuns !== undefined && { maxActiveRuns: spec.maxActiveRuns }),
    ...(spec.waitFor.length > 0 && { waitFor: spec.waitFor }),
    ...(featureCode !== undefined && { featureCode }),
    ...(spec.publish && { publishes: spec.publish.dataset }),
    deployTarget: deployTargetOf(spec),
    approval: approvalOf(spec.deploy),
    searchAttributes,
  } satisfies ResolvedRun);
}

function originOf(loaded: LoadedPipeline, sample: number | undefined): SpecOrigin {
  return {
    file: loaded.file,
    directory: loaded.directory,
    projectRoot: loaded.dataRoot,
    pipelineDigest: loaded.digest,
    ...(loaded.gitCommit === undefined ? {} : { gitCommit: loaded.gitCommit }),
    ...(sample === undefined ? {} : { sample }),
  };
}

/** A trainer in one line, as tables show it; cut, since a hundred of them must fit into one small payload. */
function trainerTitle(trainer: Candidate['trainer']): string {
  if (typeof trainer === 'string') return trainer;
  const title = 'python' in trainer ? `python ${trainer.python}` : trainer.command.join(' ');
  return title.length > 40 ? `${title.slice(0, 39)}…` : title;
}

/** Without a registered model there is nothing to deploy, whatever the default says. */
function deployTargetOf({ registry, deploy }: PipelineSpec): ResolvedRun['deployTarget'] {
  return registry === undefined || deploy.target !== 'local' ? 'none' : 'local';
}

function approvalOf({ approval }: Deploy): ResolvedRun['approval'] {
  if (typeof approval === 'string')
    return { required: approval === 'required', timeoutSeconds: APPROVAL_SECONDS };
  return { required: true, timeoutSeconds: approval.timeout };
}

function priorityOf(priority: number | undefined): Pick<ResolvedRun, 'priority'> {
  return priority === undefined ? {} : { priority };
}
