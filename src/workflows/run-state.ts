/** The state of one run: what the query `status` answers, the UI's current details and the search attributes say. */
import {
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { ArtifactRef } from '../contracts/artifacts';
import type { GateDecision } from '../contracts/gate';
import type {
  CandidateStatus,
  Outcome,
  ResolvedRun,
  RunStatus,
  Stage,
  StageStatus,
  TrainingPipelineInput,
  Waiting,
} from '../contracts/runs';
import { STAGE_ORDER, STAGES } from '../contracts/runs';
import { SEARCH_ATTRIBUTES } from '../contracts/task-queues';
import { waitingInWords } from '../contracts/waiting-in-words';
import type { RunArtifacts } from '../contracts/steps';
import type { Failure } from './failures';

const STAGE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.stage, SearchAttributeType.KEYWORD);
const PIPELINE_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.pipeline, SearchAttributeType.KEYWORD);
const OUTCOME_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.outcome, SearchAttributeType.KEYWORD);
const MODEL_KEY = defineSearchAttributeKey(SEARCH_ATTRIBUTES.model, SearchAttributeType.KEYWORD);

/** Thrown after the stage that `--until` names: ends the run with the outcome `stopped`. */
export class StoppedByRequest extends Error {
  override readonly name = 'StoppedByRequest';
}

/** Stages after which nothing is left to leave out: a run until there ends as it would end anyway. */
const LAST_STAGES: readonly Stage[] = ['release', 'publish', 'report'];

/** Stages that a pipeline which publishes a data set skips. */
const OF_TRAINING: readonly Stage[] = ['features', 'split', 'train', 'compare', 'holdout', 'gate', 'release'];

/** What a stage leaves to be shown. */
export interface StageReport {
  readonly note?: string;
  readonly cached?: boolean;
  readonly artifact?: ArtifactRef;
  /** The job that it has run. */
  readonly job?: string;
  /** What the report of the run shall find. */
  readonly leaves?: Partial<RunArtifacts>;
}

/** Holds and shows the run's state. It decides nothing. */
export class RunState {
  readonly status: RunStatus;
  readonly startedAt: string;
  /** What the stages have left so far, for the report. */
  artifacts: RunArtifacts | undefined;
  /** The gate's decision, once there is one. */
  decision: GateDecision | undefined;
  /** How often, this run included, this hold-out has gated; once it has. */
  timesGated: number | undefined;
  /** What stands before a stage: a promise where the run has to wait, as when a person pauses it. */
  beforeStage: ((stage: Stage) => Promise<void> | undefined) | undefined;
  private attributesPermitted = false;

  constructor(private readonly input: TrainingPipelineInput) {
    const info = workflowInfo();
    this.startedAt = info.startTime.toISOString();
    this.status = {
      pipeline: input.pipeline,
      workflowId: info.workflowId,
      runId: info.runId,
      ...(input.nominalDate !== undefined && { nominalDate: input.nominalDate }),
      ...(input.cause && { cause: input.cause }),
      state: 'running',
      reasons: [],
      stages: STAGES.map((stage): StageStatus => ({ stage, state: 'pending' })),
      candidates: [],
    };
  }

  /** Whether the steps of this stage must run again whatever is stored (`--no-cache`, `--from`). */
  isFresh(stage: Stage): boolean {
    if (this.input.noCache) return true;
    const { from } = this.input;
    return from !== undefined && STAGE_ORDER.indexOf(stage) >= STAGE_ORDER.indexOf(from);
  }

  /** Runs one stage and shows how it goes. @throws StoppedByRequest after the stage that `until` names, unless it is one of the last. */
  async stage<T>(
    stage: Stage,
    run: () => Promise<T>,
    report: (result: T) => StageReport = () => ({}),
  ): Promise<T> {
    const open = this.beforeStage?.(stage);
    if (open) await open;
    const entry = this.entry(stage);
    entry.state = 'running';
    entry.startedAt = now();
    delete entry.endedAt;
    this.show();
    let result: T;
    try {
      result = await run();
    } catch (error) {
      entry.state = isCancellation(error) ? 'cancelled' : 'failed';
      entry.endedAt = now();
      throw error;
    }
    const { note, cached, artifact, leaves, job } = report(result);
    if (this.artifacts) Object.assign(this.artifacts, leaves);
    entry.state = cached ? 'cached' : 'done';
    entry.endedAt = now();
    if (note !== undefined) entry.note = note;
    if (artifact) entry.artifact = artifact;
    if (job !== undefined) entry.job = job;
    if (this.input.until === stage && !LAST_STAGES.includes(stage)) throw new StoppedByRequest();
    return result;
  }

  /** Takes in what the pipeline file said. */
  resolved(run: ResolvedRun): void {
    this.attributesPermitted = run.searchAttributes;
    this.artifacts = { spec: run.spec, evaluations: {} };
    this.status.candidates = run.candidates.map((candidate): CandidateStatus => ({
      ...candidate,
      state: 'waiting',
    }));
    this.status.stages = stagesOf(run, this.status.stages);
    if (run.model !== undefined) this.status.model = { name: run.model };
    if (this.attributesPermitted) {
      upsertSearchAttributes([
        { key: PIPELINE_KEY, value: run.pipeline },
        ...(run.model === undefined ? [] : [{ key: MODEL_KEY, value: run.model }]),
      ]);
    }
    this.show();
  }

  /** Changes what is known of a candidate. */
  candidate(name: string, change: Partial<CandidateStatus>): void {
    const index = this.status.candidates.findIndex((candidate) => candidate.name === name);
    const before = this.status.candidates[index];
    if (before) this.status.candidates[index] = { ...before, ...change };
    this.show();
  }

  /** Shows what the run waits for; nothing when it gets on. */
  waiting(waiting: Waiting | undefined): void {
    if (waiting) this.status.waiting = waiting;
    else delete this.status.waiting;
    this.show();
  }

  /** Shows what a candidate waits for. */
  candidateWaits(name: string, waiting: Waiting | undefined): void {
    const candidate = this.status.candidates.find((one) => one.name === name);
    if (candidate?.state !== 'running') return;
    if (waiting) candidate.waiting = waiting;
    else delete candidate.waiting;
    this.show();
  }

  /** Shows that the run is to pause, or to go on. */
  held(held: RunStatus['held']): void {
    if (held) this.status.held = held;
    else delete this.status.held;
    this.show();
  }

  /** Shows that a person is waited for, or no longer. A word that comes after the end changes nothing. */
  awaitingApproval(waiting: boolean): void {
    if (this.status.outcome !== undefined) return;
    this.status.state = waiting ? 'awaiting-approval' : 'running';
    this.show();
  }

  /** The run has come to its end. */
  ended(outcome: Outcome, reasons: readonly string[] = [], failure?: Failure): void {
    this.status.outcome = outcome;
    this.status.state = outcome === 'failed' ? 'failed' : outcome === 'cancelled' ? 'cancelled' : 'done';
    this.status.reasons = [...reasons];
    delete this.status.waiting;
    delete this.status.held;
    if (failure) this.status.error = failure;
    for (const stage of this.status.stages) if (stage.state === 'pending') stage.state = 'skipped';
    if (outcome === 'cancelled') {
      for (const candidate of this.status.candidates)
        if (candidate.state === 'waiting' || candidate.state === 'running') candidate.state = 'cancelled';
    }
    if (this.attributesPermitted) upsertSearchAttributes([{ key: OUTCOME_KEY, value: outcome }]);
    this.show();
  }

  private entry(stage: Stage): StageStatus {
    const entry = this.status.stages.find((candidate) => candidate.stage === stage);
    if (!entry) throw new Error(`unknown stage ${stage}`);
    return entry;
  }

  /** Writes the details that Temporal's UI shows, and the stage's search attribute where it changed. */
  private show(): void {
    const stage = this.status.stages.findLast((entry) => entry.state === 'running');
    const done = this.status.stages.filter((entry) => entry.endedAt !== undefined).length;
    const label =
      this.status.outcome ?? (this.status.state === 'awaiting-approval' ? 'awaiting-approval' : stage?.stage);
    if (label !== undefined && label !== this.shown && this.attributesPermitted) {
      upsertSearchAttributes([{ key: STAGE_KEY, value: label }]);
      this.shown = label;
    }
    setCurrentDetails(
      [
        `**${this.status.pipeline}**: ${label ?? 'starting'} (${done} of ${this.status.stages.length} stages)`,
        ...(this.status.waiting ? [waitingInWords(this.status.waiting)] : []),
        ...this.status.candidates.map(
          (candidate) =>
            `- ${candidate.name}: ${candidate.state}${metricText(candidate)}${candidate.waiting ? `, ${waitingInWords(candidate.waiting)}` : ''}`,
        ),
        ...this.status.reasons.map((reason) => `> ${reason}`),
      ].join('\n'),
    );
  }
  private shown: string | undefined;
}

/** The stages of one run: with those that not every run has, and those marked that a pipeline without candidates has no use for. */
function stagesOf(run: ResolvedRun, known: readonly StageStatus[]): StageStatus[] {
  const skipped = run.publishes === undefined ? [] : OF_TRAINING;
  return STAGE_ORDER.flatMap((stage): StageStatus[] => {
    if (stage === 'wait' && !run.waitFor?.length) return [];
    if (stage === 'publish' && run.publishes === undefined) return [];
    const entry = known.find((one) => one.stage === stage) ?? { stage, state: 'pending' };
    if (skipped.includes(stage)) entry.state = 'skipped';
    return [entry];
  });
}

function metricText(candidate: CandidateStatus): string {
  const { metric } = candidate;
  return metric?.value == null ? '' : `, ${metric.name} ${metric.value.toFixed(4)}`;
}

function now(): string {
  return new Date().toISOString();
}
