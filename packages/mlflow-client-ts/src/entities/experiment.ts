import type * as wire from '../generated/schemas';
import { recordOf } from '../wire/pairs';
import { required } from '../wire/required';

/** A named place for runs and logged models. */
export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  /** Below it lie the artifacts of its runs and models. */
  readonly artifactLocation: string;
  /** `active` or `deleted`; a deleted experiment keeps its name taken. */
  readonly lifecycleStage: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Milliseconds since 1970. */
  readonly creationTime: number | undefined;
  /** Milliseconds since 1970. */
  readonly lastUpdateTime: number | undefined;
}

/** Reads MLflow's spelling. */
export function experimentOf(message: wire.Experiment | undefined): Experiment {
  const experiment = required(message, 'experiment');
  return {
    experimentId: required(experiment.experiment_id, 'experiment.experiment_id'),
    name: required(experiment.name, 'experiment.name'),
    artifactLocation: experiment.artifact_location ?? '',
    lifecycleStage: required(experiment.lifecycle_stage, 'experiment.lifecycle_stage'),
    tags: recordOf(experiment.tags),
    creationTime: experiment.creation_time,
    lastUpdateTime: experiment.last_update_time,
  };
}
