/** The activities that open runs in MLflow: one parent per pipeline run, one nested run per candidate. */
import { Context } from '@temporalio/activity';
import { trackingKeyFor } from '../../contracts/ids';
import type {
  StartCandidateTrackingInput,
  StartTrackingInput,
  StartTrackingOutput,
} from '../../contracts/steps';
import { startCandidateTrackingInputSchema, startTrackingInputSchema } from '../../contracts/steps';
import { loadSpec } from '../stored-spec';
import { candidateNamed, trainerSpecOf } from '../training/candidate-job';
import type { RegistryActivityDependencies } from './dependencies';

/** See {@link startTrackingInputSchema}. */
export async function startTracking(
  { store, tracking, workflowUrl }: RegistryActivityDependencies,
  rawInput: StartTrackingInput,
): Promise<StartTrackingOutput> {
  const { spec: ref, run, pipeline, startedBy } = startTrackingInputSchema.parse(rawInput);
  const { spec, origin } = await loadSpec(store, ref);
  const opened = await tracking.openRun({
    experiment: pipeline,
    key: trackingKeyFor({ runId: `${run.workflowId}/${run.runId}` }),
    name: run.workflowId,
    startTime: scheduledAt(),
    tags: {
      'millrace.workflow_id': run.workflowId,
      'millrace.run_id': run.runId,
      'millrace.pipeline': pipeline,
      'millrace.pipeline_digest': origin.pipelineDigest,
      'mlflow.source.name': origin.file,
      'mlflow.source.type': 'PROJECT',
      'mlflow.note.content': [
        spec.description ?? '',
        `Run in Temporal: ${workflowUrl(run.workflowId, run.runId)}`,
      ]
        .filter(Boolean)
        .join('\n\n'),
      ...(origin.gitCommit !== undefined && { 'mlflow.source.git.commit': origin.gitCommit }),
      ...(spec.owner !== undefined && { 'millrace.owner': spec.owner }),
      ...Object.fromEntries(spec.tags.map((tag) => [`millrace.tag.${tag}`, 'true'])),
    },
    ...(startedBy !== undefined && { user: startedBy }),
  });
  return { ...opened, url: tracking.runUrl(opened.experimentId, opened.runId) };
}

/** See {@link startCandidateTrackingInputSchema}. */
export async function startCandidateTracking(
  { store, tracking }: RegistryActivityDependencies,
  rawInput: StartCandidateTrackingInput,
): Promise<{ experimentId: string; runId: string }> {
  const { spec: ref, run, parent, candidate } = startCandidateTrackingInputSchema.parse(rawInput);
  const { spec, origin } = await loadSpec(store, ref);
  const trainer = trainerSpecOf(candidateNamed(spec, candidate));
  return tracking.openRun({
    experiment: spec.name,
    key: trackingKeyFor({ runId: `${run.workflowId}/${run.runId}`, candidate }),
    name: candidate,
    parent,
    startTime: scheduledAt(),
    tags: {
      'millrace.workflow_id': run.workflowId,
      'millrace.pipeline': spec.name,
      'millrace.candidate': candidate,
      'millrace.trainer': trainer.kind === 'reference' ? trainer.name : trainer.kind,
      ...(origin.gitCommit !== undefined && { 'mlflow.source.git.commit': origin.gitCommit }),
    },
  });
}

/** The same for all attempts: MLflow tells runs of overlapping attempts apart by it. Milliseconds since the epoch. */
function scheduledAt(): number {
  return Context.current().info.scheduledTimestampMs;
}
