/** How people steer a run that goes on: pause and resume, priority, jobs that outlive it; and the slot that it needs where only so many runs may be active. */
import {
  CancellationScope,
  condition,
  defineSignal,
  defineUpdate,
  patched,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { DEFAULT_PRIORITY } from '../contracts/pipeline-file/starts';
import { runsPoolFor } from '../contracts/pools';
import {
  candidateWaitsSchema,
  holdSchema,
  priorityChangeSchema,
  RUN_MESSAGES,
  type CandidateWaits,
  type Decision,
  type PriorityChange,
  type ResolvedRun,
  type Resumption,
  type Stage,
} from '../contracts/runs';
import type { KeepJobsOutput } from '../contracts/steps';
import { activitiesFor } from './activity-proxies';
import { Leases, prioritise, type HeldLease } from './leases';
import type { RunState } from './run-state';

/** A person pauses the run at the end of the stage that runs; jobs that run go on. */
export const holdSignal = defineSignal<[Decision]>(RUN_MESSAGES.hold);
/** A person lets a paused run go on. */
export const resumeSignal = defineSignal<[Resumption?]>(RUN_MESSAGES.resume);
/** A person makes a run more or less urgent. */
export const setPrioritySignal = defineSignal<[PriorityChange]>(RUN_MESSAGES.setPriority);
/** A person is about to cancel the run, and wants its jobs to finish: a retry adopts them. */
export const keepJobsUpdate = defineUpdate<KeepJobsOutput>(RUN_MESSAGES.keepJobs);
/** A candidate of the run waits for units, or no longer. */
export const candidateWaitsSignal = defineSignal<[CandidateWaits]>(RUN_MESSAGES.candidateWaits);

const RESET_SLOT = 'slot-of-a-run-that-was-reset';

/** Makes a run steerable; see the file's head. */
export class Steering {
  private readonly leases = new Leases();
  private resolved: ResolvedRun | undefined;
  private slot: HeldLease | undefined;
  private givingBack: Promise<void> = Promise.resolve();
  /** A run that has awaited approval needs no slot for the rest of its way. */
  private needsSlot = true;

  constructor(private readonly run: RunState) {
    run.beforeStage = (stage) => this.pauseBefore(stage);
    this.serve();
  }

  /** To be called when the pipeline file is read: waits for a slot where the file says how many runs may be active. */
  async begin(resolved: ResolvedRun): Promise<void> {
    this.resolved = resolved;
    const priority = this.run.status.priority ?? resolved.priority;
    if (priority !== undefined) this.run.status.priority = priority;
    await this.enter();
  }

  /** The run is active no longer. */
  async leave(): Promise<void> {
    this.needsSlot = false;
    await this.giveBack();
  }

  /** A promise where the run has to wait before the stage. The report is written whatever happens. */
  private pauseBefore(stage: Stage): Promise<void> | undefined {
    if (stage === 'report') return undefined;
    if (this.run.status.held !== undefined) return this.pause();
    return this.mayHaveLostSlot(stage) ? this.takeSlotAgain() : undefined;
  }

  /**
   * A run that was reset behind its grant believes that it holds the slot, which its former self has given back. Each stage that is run anew, and not
   * replayed, can find that out: that is what a patch tells apart. (The SDK's offline replayer gives a run that was reset the id of its former self, and so
   * cannot replay it.)
   */
  private mayHaveLostSlot(stage: Stage): boolean {
    const { runId, firstExecutionRunId } = workflowInfo();
    // A patch for each stage: a run that is reset once more has those of its former self behind it.
    return this.slot !== undefined && runId !== firstExecutionRunId && patched(`${RESET_SLOT}/${stage}`);
  }

  /** Asks under another token: the pool hands the slot over where the former self holds it still, and puts the run in line where it does not. */
  private async takeSlotAgain(): Promise<void> {
    this.slot = undefined;
    await this.enter();
  }

  /** As often as it is held: a person may hold it again while it waits for its slot. */
  private async pause(): Promise<void> {
    for (let { held } = this.run.status; held !== undefined; { held } = this.run.status) {
      this.run.waiting({
        for: `to be resumed: held by ${held.by}${held.why === undefined ? '' : ` (${held.why})`}`,
        since: now(),
      });
      try {
        await this.giveBack();
        await condition(() => this.run.status.held === undefined);
      } finally {
        this.run.waiting(undefined);
      }
      await this.enter();
    }
  }

  private resolvedAt(): string {
    return this.run.status.stages.find(({ stage }) => stage === 'resolve')?.endedAt ?? now();
  }

  private async enter(): Promise<void> {
    const { resolved, run } = this;
    if (resolved?.maxActiveRuns === undefined || !this.needsSlot || this.slot) return;
    const { workflowId, priority } = run.status;
    const pool = runsPoolFor(resolved.pipeline);
    const since = now();
    try {
      this.slot = await this.leases.acquire(
        {
          pool,
          workflowId,
          what: 'run',
          holder: workflowId,
          units: 1,
          priority: priority ?? DEFAULT_PRIORITY,
          // Of the time when the file was read: a run that has waited long must not bring back what is changed since.
          limit: { units: resolved.maxActiveRuns, asOf: this.resolvedAt() },
        },
        (waits) =>
          run.waiting(
            waits
              ? { for: `a slot: ${resolved.maxActiveRuns ?? 0} runs may be active`, since, pool }
              : undefined,
          ),
      );
    } finally {
      run.waiting(undefined);
    }
  }

  private async giveBack(): Promise<void> {
    const { slot } = this;
    this.slot = undefined;
    if (slot) this.givingBack = this.leases.release(slot);
    // Also what was begun before and not awaited: a run that ends meanwhile would take the word back.
    await this.givingBack;
  }

  private serve(): void {
    const { run } = this;
    // A malformed signal has no sender to answer to: it changes nothing.
    setHandler(holdSignal, (raw) => {
      const decision = holdSchema.safeParse(raw).data;
      if (decision && run.status.outcome === undefined) run.held({ ...decision, since: now() });
    });
    setHandler(resumeSignal, () => run.held(undefined));
    setHandler(setPrioritySignal, async (raw) => {
      const change = priorityChangeSchema.safeParse(raw).data;
      if (!change) return;
      run.status.priority = change.priority;
      const { resolved } = this;
      const pools = [
        ...(resolved?.pool ? [resolved.pool.name] : []),
        ...(resolved?.maxActiveRuns === undefined ? [] : [runsPoolFor(resolved.pipeline)]),
      ];
      await CancellationScope.nonCancellable(() =>
        Promise.all(pools.map((pool) => prioritise(pool, run.status.workflowId, change.priority))),
      );
    });
    setHandler(keepJobsUpdate, async () => {
      if (!this.resolved) return { jobs: [] };
      const { workflowId } = run.status;
      const { keeping } = activitiesFor(this.resolved.queues);
      return CancellationScope.nonCancellable(() => keeping.keepJobs({ workflowId }));
    });
    setHandler(candidateWaitsSignal, (raw) => {
      const word = candidateWaitsSchema.safeParse(raw).data;
      if (word) run.candidateWaits(word.candidate, word.waiting ?? undefined);
    });
  }
}

function now(): string {
  return new Date().toISOString();
}
