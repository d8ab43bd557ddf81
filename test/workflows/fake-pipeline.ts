/** All that a run calls, in memory: for tests of the workflows' decisions only. */
import type {
  DataActivities,
  EvaluationActivities,
  FeatureActivities,
  FeatureCodeActivities,
  HandoverActivities,
  NotificationActivities,
  PipelineActivities,
  PublishingActivities,
  RegistryActivities,
  ReportActivities,
  TrainingActivities,
  UpstreamActivities,
} from '../../src/contracts/activity-interfaces';
import type { ResolvedRun } from '../../src/contracts/runs';
import type {
  AnnounceOutcomeInput,
  AnnounceRunInput,
  Champion,
  Interval,
  WriteReportInput,
} from '../../src/contracts/steps';
import type { Announcement } from '../../src/contracts/announcements';
import { TASK_QUEUES } from '../../src/contracts/task-queues';
import { artifactNamed } from '../support/release-requests';
import { Script } from './scripted-activities';

/** Everything that `trainingPipeline` and `trainCandidate` call. */
export type RunActivities = PipelineActivities &
  DataActivities &
  FeatureActivities &
  TrainingActivities &
  EvaluationActivities &
  RegistryActivities &
  ReportActivities &
  NotificationActivities &
  PublishingActivities &
  FeatureCodeActivities &
  UpstreamActivities &
  HandoverActivities;

/** Candidates that a fake run trains unless told otherwise, best last. */
export const CANDIDATES = ['logistic', 'forest', 'boosted'];
const interval = (value: number): Interval => ({ value, lower: value - 0.02, upper: value + 0.02 });

export class FakePipeline extends Script {
  /** Candidates that are trained already. */
  readonly trained: string[] = [];
  /** What the pipeline file says. */
  readonly resolved: ResolvedRun;
  /** Validation metric by candidate; null where it is not defined. */
  readonly scores = new Map<string, number | null>();
  champion: Champion | null = null;
  /** ROC AUC of the winner on the hold-out. */
  holdOut = 0.9;
  /** Hold-out ROC AUC by value of the column `contract`. */
  slices: Record<string, number> = {};
  /** Improvement over the champion on the hold-out. */
  improvement = 0.01;

  constructor(
    model: string,
    private readonly submit: HandoverActivities['submitRelease'],
    candidates: readonly string[] = CANDIDATES,
  ) {
    super();
    candidates.forEach((name, index) => this.scores.set(name, (80 + index) / 100));
    const { data, training, services } = TASK_QUEUES;
    this.resolved = {
      pipeline: 'telco-churn',
      environment: 'local',
      spec: artifactNamed('spec', 'telco-churn'),
      model,
      queues: { data, training, services },
      candidates: candidates.map((name) => ({ name, trainer: `sklearn/${name}` })),
      parallel: 2,
      jobTimeoutSeconds: 7200,
      gate: [{ metric: 'roc_auc', min: 0.8, minRows: 30 }],
      deployTarget: 'local',
      approval: { required: false, timeoutSeconds: 3600 },
      searchAttributes: false,
    };
  }

  /** What others were told of; not among the calls, since every run ends with one. */
  readonly toldOthers: AnnounceOutcomeInput[] = [];
  /** What a run that waits finds announced already. */
  readonly found: Announcement[] = [];

  /** What people were told of, in order. */
  get announced(): AnnounceRunInput['event'][] {
    return this.inputs<AnnounceRunInput>('announceRun').map(({ event }) => event);
  }

  /** What the report was written of. */
  get reported(): WriteReportInput[] {
    return this.inputs<WriteReportInput>('writeReport');
  }

  readonly activities: RunActivities = {
    resolvePipeline: (input) => this.play(this.of('resolvePipeline', '', input), () => this.resolved),
    acquireData: (input) =>
      this.play(this.of('acquireData', '', input), () => ({
        ...this.step('acquire'),
        files: 1,
        bytes: 970_457,
      })),
    buildDataset: (input) =>
      this.play(this.of('buildDataset', '', input), () => ({
        ...this.step('dataset'),
        rows: 7043,
        columns: 21,
        duplicatesDropped: 0,
        task: 'binary' as const,
        classes: ['No', 'Yes'],
      })),
    validateData: (input) =>
      this.play(this.of('validateData', '', input), () => ({
        profile: artifactNamed('profile', 'telco-churn'),
        quality: artifactNamed('quality', 'telco-churn'),
        cached: false,
        checked: 12,
        warnings: [],
      })),
    prepareFeatures: (input) =>
      this.play(this.of('prepareFeatures', '', input), () => ({
        ...this.step('features'),
        features: 19,
        inputs: 19,
        joined: 0,
        warnings: [],
      })),
    splitData: (input) =>
      this.play(this.of('splitData', '', input), () => ({
        ...this.step('split'),
        train: 4578,
        validation: 1056,
        holdout: 1409,
        dropped: 0,
        leakage: artifactNamed('leakage', 'telco-churn'),
        warnings: [],
      })),
    findTrained: (input) =>
      this.play(this.of('findTrained', '', input), () => ({ trained: [...this.trained] })),
    runTrainingJob: (input) =>
      this.play(this.of('runTrainingJob', input.candidate, input), () => ({
        artifact: artifactNamed('train', input.candidate),
        cached: false,
        jobName: `telco-churn-${input.candidate}`,
        attempts: 1,
        seconds: 3,
      })),
    evaluateCandidate: (input) =>
      this.play(this.of('evaluateCandidate', input.candidate, input), () => ({
        artifact: artifactNamed('evaluate', input.candidate),
        cached: false,
        metrics: { roc_auc: this.scores.get(input.candidate) ?? null },
        threshold: 0.4,
        selectBy: 'roc_auc',
      })),
    runScoringJob: (input) => {
      const champion = input.model.key === this.champion?.model?.key;
      return this.play(this.of('runScoringJob', champion ? 'champion' : 'winner', input), () => ({
        artifact: artifactNamed('score', input.model.key),
        cached: false,
        rows: 1409,
      }));
    },
    evaluateHoldout: (input) =>
      this.play(this.of('evaluateHoldout', input.challenger.name, input), () => ({
        artifact: artifactNamed('evaluate', 'holdout'),
        cached: false,
        summary: {
          rows: 1409,
          challenger: { roc_auc: interval(this.holdOut) },
          ...(input.champion && {
            champion: { roc_auc: interval(this.holdOut - this.improvement) },
            difference: { roc_auc: { value: this.improvement, lower: this.improvement, upper: 1 } },
            comparableRows: 1409,
          }),
          slices: {
            contract: Object.fromEntries(
              Object.entries(this.slices).map(([value, metric]) => [
                value,
                { rows: 100, metrics: { roc_auc: interval(metric) } },
              ]),
            ),
          },
          business: {},
          timesGated: 1,
        },
      })),
    startTracking: (input) =>
      this.play(this.of('startTracking', '', input), () => ({
        experimentId: '1',
        runId: 'parent',
        url: 'http://127.0.0.1:5000/#/experiments/1/runs/parent',
      })),
    startCandidateTracking: (input) =>
      this.play(this.of('startCandidateTracking', input.candidate, input), () => ({
        experimentId: '1',
        runId: `mlflow-${input.candidate}`,
      })),
    recordCandidate: (input) =>
      this.play(this.of('recordCandidate', input.candidate, input), () =>
        input.trained ? { modelId: `m-${input.candidate}` } : {},
      ),
    findChampion: (input) =>
      this.play(this.of('findChampion', input.model, input), () => ({ champion: this.champion })),
    finishTracking: (input) => this.play(this.of('finishTracking', input.outcome, input), () => undefined),
    writeReport: (input) =>
      this.play(this.of('writeReport', '', input), () => ({
        artifact: artifactNamed('report', 'telco-churn'),
        path: 'reports/report.html',
      })),
    writeTables: (input) => this.play(this.of('writeTables', '', input), () => this.step('tables')),
    runFeatureJob: (input) =>
      this.play(this.of('runFeatureJob', '', input), () => ({
        ...this.step('build'),
        jobName: 'telco-churn-features-1',
        attempts: 1,
        seconds: 1,
      })),
    buildTable: (input) =>
      this.play(this.of('buildTable', '', input), () => ({
        ...this.step('dataset'),
        rows: 7043,
        columns: 5,
        duplicatesDropped: 0,
      })),
    publishDataset: (input) =>
      this.play(this.of('publishDataset', '', input), () => ({
        ...this.step('published'),
        version: {
          artifact: artifactNamed('published', 'table'),
          sha256: 'a'.repeat(64),
          bytes: 9,
          rows: 7043,
        },
      })),
    awaitAnnouncements: (input) =>
      this.play(this.of('awaitAnnouncements', '', input), () => ({ announcements: [...this.found] })),
    endWait: (input) => this.play(this.of('endWait', '', input), () => undefined),
    announceOutcome: (input) => {
      this.toldOthers.push(input);
      return Promise.resolve({ woken: 0, started: [] });
    },
    announceRun: (input) => this.play(this.of('announceRun', input.event, input), () => undefined),
    submitRelease: (input) =>
      this.play(this.of('submitRelease', input.request.model, input), () => this.submit(input)),
  };

  private of(name: keyof RunActivities, subject: string, input: unknown) {
    return { name, subject, input };
  }

  private step(step: Parameters<typeof artifactNamed>[0]) {
    return { artifact: artifactNamed(step, 'telco-churn'), cached: false };
  }
}
