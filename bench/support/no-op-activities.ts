/** Activities that do nothing and answer at once, in the shapes that the workflows expect: what is left is the orchestration. */
import type { Client } from '@temporalio/client';
import type {
  DataActivities,
  EvaluationActivities,
  FeatureActivities,
  HandoverActivities,
  NotificationActivities,
  PipelineActivities,
  RegistryActivities,
  ReportActivities,
  TrainingActivities,
  UpstreamActivities,
} from '../../src/contracts/activity-interfaces';
import type { ArtifactRef, StepName } from '../../src/contracts/artifacts';
import { sha256 } from '../../src/contracts/digest';
import type { ReleaseUpdate } from '../../src/contracts/release';
import { RUN_MESSAGES, type ResolvedRun } from '../../src/contracts/runs';
import { runQueuesFor } from '../../src/contracts/task-queues';

/** Store of the benchmark's workers, after which their queues are named. */
export const BENCH_STORE = 'bench';
/** Candidates of a no-op pipeline, all trained at once. */
export const CANDIDATES = 5;

/** Activities by queue, for both sides of a comparison: `noOp` is what a raw workflow calls. */
export function createNoOpActivities(client: Client) {
  const data: DataActivities & FeatureActivities & EvaluationActivities & ReportActivities = {
    acquireData: () => answer({ artifact: ref('acquire'), cached: true, files: 1, bytes: 1 }),
    buildDataset: () =>
      answer({
        artifact: ref('dataset'),
        cached: true,
        rows: 1000,
        columns: 10,
        duplicatesDropped: 0,
        task: 'binary' as const,
        classes: ['no', 'yes'],
      }),
    validateData: () =>
      answer({ profile: ref('profile'), quality: ref('quality'), cached: true, checked: 5, warnings: [] }),
    prepareFeatures: () =>
      answer({ artifact: ref('features'), cached: true, features: 8, inputs: 8, joined: 0, warnings: [] }),
    splitData: () =>
      answer({
        artifact: ref('split'),
        cached: true,
        train: 650,
        validation: 150,
        holdout: 200,
        dropped: 0,
        leakage: ref('leakage'),
        warnings: [],
      }),
    evaluateCandidate: () =>
      answer({
        artifact: ref('evaluate'),
        cached: true,
        metrics: { roc_auc: 0.9, f1: 0.8 },
        threshold: 0.5,
        selectBy: 'roc_auc',
      }),
    evaluateHoldout: () =>
      answer({
        artifact: ref('evaluate'),
        cached: true,
        summary: {
          rows: 200,
          challenger: { roc_auc: { value: 0.9, lower: 0.85, upper: 0.95 } },
          slices: {},
          business: {},
          timesGated: 1,
        },
      }),
    writeReport: () => answer({ artifact: ref('report'), path: 'report.html' }),
  };
  const training: TrainingActivities = {
    runTrainingJob: () =>
      answer({ artifact: ref('train'), cached: true, jobName: 'job', attempts: 1, seconds: 0 }),
    runScoringJob: () => answer({ artifact: ref('score'), cached: true, rows: 200 }),
    findTrained: () => answer({ trained: [] }),
  };
  const tracking = { experimentId: '1', runId: sha256('run').slice(0, 32) };
  const services: PipelineActivities &
    RegistryActivities &
    NotificationActivities &
    UpstreamActivities &
    HandoverActivities = {
    resolvePipeline: ({ input }) => answer(resolved(input.pipeline)),
    startTracking: () => answer({ ...tracking, url: 'mlflow' }),
    startCandidateTracking: () => answer(tracking),
    recordCandidate: () => answer({ modelId: 'm-1' }),
    findChampion: () => answer({ champion: null }),
    finishTracking: () => answer(undefined),
    announceRun: () => answer(undefined),
    announceOutcome: () => answer({ woken: 0, started: [] }),
    awaitAnnouncements: () => answer({ announcements: [] }),
    endWait: () => answer(undefined),
    // Answers as the model's owner does, so that the run ends with a released model; the owner is not part of what is measured.
    submitRelease: async ({ request }) =>
      client.workflow.getHandle(request.workflowId).signal<[ReleaseUpdate]>(RUN_MESSAGES.releaseUpdate, {
        requestId: request.requestId,
        state: 'finished',
        outcome: 'registered',
        version: '1',
      }),
  };
  const noOp = (): Promise<void> => Promise.resolve();
  return {
    pipelines: {},
    data: { ...data, noOp },
    training: { ...training, noOp },
    services: { ...services, noOp },
  };
}

function answer<Result>(result: Result): Promise<Result> {
  return Promise.resolve(result);
}

function ref(step: StepName): ArtifactRef {
  return { step, key: sha256(`${step} key`), digest: sha256(`${step} digest`) };
}

function resolved(pipeline: string): ResolvedRun {
  return {
    pipeline,
    environment: 'bench',
    spec: ref('spec'),
    model: pipeline,
    queues: runQueuesFor({ id: BENCH_STORE, hostBound: true }),
    candidates: Array.from({ length: CANDIDATES }, (_, index) => ({
      name: `candidate-${index + 1}`,
      trainer: 'none',
    })),
    parallel: CANDIDATES,
    jobTimeoutSeconds: 60,
    gate: [{ metric: 'roc_auc', min: 0.8, minRows: 30 }],
    deployTarget: 'none',
    approval: { required: false, timeoutSeconds: 60 },
    searchAttributes: true,
  };
}
