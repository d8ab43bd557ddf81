/** Requests to the owner of a model, for tests of its logic. */
import { sha256 } from '../../src/contracts/digest';
import type { ArtifactRef, StepName } from '../../src/contracts/artifacts';
import type { ReleaseRequest } from '../../src/contracts/release';

/** A reference whose key and digest are made up from a text: equal texts, equal artifacts. */
export function artifactNamed(step: StepName, text: string): ArtifactRef {
  return { step, key: sha256(`${step} key of ${text}`), digest: sha256(`${step} digest of ${text}`) };
}

/** A request of the run `RUN`: its id is `RUN/1`, its model's artifact is named after it. */
export function requestOf(run: string, changes: Partial<ReleaseRequest> = {}): ReleaseRequest {
  return {
    requestId: `${run}/1`,
    model: 'churn',
    workflowId: run,
    pipeline: 'telco-churn',
    candidate: 'logistic',
    spec: artifactNamed('spec', 'telco-churn'),
    trained: artifactNamed('train', run),
    split: artifactNamed('split', 'telco-churn'),
    holdoutScores: artifactNamed('score', run),
    threshold: 0.4,
    modelId: `m-${run}`,
    mlflowRunId: `mlflow-${run}`,
    championVersion: null,
    queues: { data: 'data', training: 'training', services: 'services' },
    approval: { required: false, timeoutSeconds: 3600 },
    deployTarget: 'local',
    ...changes,
  };
}
