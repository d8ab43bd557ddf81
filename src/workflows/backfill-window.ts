/** The window of a backfill: which runs are open, and what has become of the others. */
import {
  ChildWorkflowCancellationType,
  condition,
  isCancellation,
  ParentClosePolicy,
  proxyActivities,
  setCurrentDetails,
  startChild,
  workflowInfo,
  WorkflowIdReusePolicy,
} from '@temporalio/workflow';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { z } from 'zod';
import type { BackfillActivities } from '../contracts/activity-interfaces';
import {
  FAILURES_BYTES,
  FAILURES_LISTED,
  fitting,
  OPEN_BYTES,
  type backfillInputSchema,
  type BackfillCounts,
  type BackfillInput,
  type BackfillStatus,
  type Partition,
} from '../contracts/backfill';
import { backfillRunIdFor } from '../contracts/ids';
import { BACKFILL_PRIORITY } from '../contracts/pipeline-file';
import type { RunStatus, TrainingPipelineInput } from '../contracts/runs';
import type { PlanBackfillOutput } from '../contracts/steps';
import { TASK_QUEUES } from '../contracts/task-queues';
import { WORKFLOW_TYPES } from '../contracts/workflow-types';
import { METADATA } from './activity-options';
import { endsTheRun, failureOf } from './failures';

const { planBackfill } = proxyActivities<BackfillActivities>({
  ...METADATA,
  taskQueue: TASK_QUEUES.services,
});

type DuePartition = PlanBackfillOutput['due'][number];

/** Longest message of a failure that is kept. */
const MESSAGE_LENGTH = 160;

/** Open runs, and failures, that Temporal's page lists. */
const SHOWN = 20;

/** One execution of a backfill: so many runs at a time over what is due, until the range or the history is at its end. It counts how they ended. */
export class BackfillWindow {
  private readonly counts: BackfillCounts;
  private readonly running = new Map<string, string>();
  private next: string | undefined;
  private parallel: number;
  private state: BackfillStatus['state'] = 'running';

  constructor(private readonly input: z.output<typeof backfillInputSchema>) {
    this.parallel = input.parallel;
    this.counts = structuredCopy(
      input.carried?.counts ?? {
        done: 0,
        failed: 0,
        cancelled: 0,
        skipped: 0,
        outcomes: {},
        failures: [],
      },
    );
    this.show();
  }

  get status(): BackfillStatus {
    const { pipeline, mode, promote } = this.input;
    return {
      pipeline,
      workflowId: workflowInfo().workflowId,
      mode,
      promote,
      state: this.state,
      ...this.counts,
      total: this.counts.total ?? null,
      parallel: this.parallel,
      open: this.running.size,
      running: fitting(
        [...this.running].map(([workflowId, nominalDate]) => ({ nominalDate, workflowId })),
        OPEN_BYTES,
      ),
      next: this.next ?? null,
    };
  }

  /** Lets so many runs be open at once. */
  widen(parallel: number): BackfillStatus {
    this.parallel = parallel;
    this.show();
    return this.status;
  }

  /**
   * Starts runs until none is left to start or the history is full, and waits for the end of those that are open.
   * @returns what the next execution begins with; undefined when the range is done
   */
  async slide(): Promise<BackfillInput['carried']> {
    const { pipeline, range, mode, eventsPerExecution } = this.input;
    let after = this.input.carried?.after;
    for (;;) {
      const look = await planBackfill({ pipeline, range, mode, ...(after !== undefined && { after }) });
      this.counts.total = look.total;
      this.counts.skipped += look.skipped;
      for (const [index, partition] of look.due.entries()) {
        this.next = partition.nominalDate;
        this.show();
        await condition(() => this.running.size < this.parallel);
        this.next = look.due[index + 1]?.nominalDate;
        this.begin(partition);
      }
      ({ after } = look);
      // Children of an execution report to that execution alone: they are waited for before another one takes over.
      const isFull = workflowInfo().historyLength >= eventsPerExecution;
      if (after !== undefined && !isFull) continue;
      await this.drain();
      return after === undefined ? undefined : { after, counts: this.counts };
    }
  }

  /** Waits until no run is open. */
  async drain(): Promise<void> {
    await condition(() => this.running.size === 0);
  }

  /** Waits until the runs that are open have ended, and starts no more. */
  async giveUp(): Promise<void> {
    this.state = 'cancelling';
    this.next = undefined;
    this.show();
    await this.drain();
  }

  /** It is over. */
  end(): void {
    this.state = 'ended';
    this.next = undefined;
    this.show();
  }

  private begin(partition: DuePartition): void {
    const { pipeline, mode } = this.input;
    const token = mode === 'all' ? workflowInfo().workflowId.split('/').at(-1) : undefined;
    const workflowId = backfillRunIdFor(pipeline, partition.nominalDate, token ?? partition.again);
    this.running.set(workflowId, partition.nominalDate);
    this.show();
    void this.runToEnd(workflowId, partition).finally(() => {
      this.running.delete(workflowId);
      this.show();
    });
  }

  private async runToEnd(workflowId: string, partition: Partition): Promise<void> {
    const { counts } = this;
    try {
      const child = await startChild<(input: TrainingPipelineInput) => Promise<RunStatus>>(
        WORKFLOW_TYPES.trainingPipeline,
        {
          workflowId,
          taskQueue: TASK_QUEUES.pipelines,
          args: [this.inputOf(partition)],
          parentClosePolicy: ParentClosePolicy.ABANDON,
          cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
          // A partition whose run failed or was cancelled gets another; one that is open or done belongs to who started it.
          workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
          priority: { priorityKey: BACKFILL_PRIORITY },
          staticSummary: `${this.input.pipeline} for ${partition.nominalDate}, by a backfill`,
        },
      );
      const { outcome } = await child.result();
      counts.done += 1;
      const word = outcome ?? 'done';
      counts.outcomes[word] = (counts.outcomes[word] ?? 0) + 1;
    } catch (error) {
      if (error instanceof WorkflowExecutionAlreadyStartedError) counts.skipped += 1;
      else if (isCancellation(error)) counts.cancelled += 1;
      else if (!endsTheRun(error)) throw error;
      else this.fail(workflowId, partition, error);
    }
  }

  private fail(workflowId: string, { nominalDate }: Partition, error: unknown): void {
    const { counts } = this;
    counts.failed += 1;
    if (counts.failures.length >= FAILURES_LISTED) return;
    const { code, message } = failureOf(error);
    const failure = { nominalDate, workflowId, code, message: message.slice(0, MESSAGE_LENGTH) };
    counts.failures = fitting([...counts.failures, failure], FAILURES_BYTES);
  }

  private inputOf({ nominalDate, date }: Partition): TrainingPipelineInput {
    const { pipeline, params, dateParam, promote, environment, startedBy } = this.input;
    const dated = dateParam && { date: dateParam === 'date' ? date : nominalDate };
    return {
      pipeline,
      nominalDate,
      promote,
      priority: BACKFILL_PRIORITY,
      cause: { kind: 'backfill', event: `${nominalDate} of ${workflowInfo().workflowId}`.slice(0, 500) },
      ...((params ?? dated) && { params: { ...params, ...dated } }),
      ...(environment !== undefined && { environment }),
      ...(startedBy !== undefined && { startedBy }),
    };
  }

  private show(): void {
    const { pipeline } = this.input;
    const { total, done, failed, cancelled, skipped, failures } = this.counts;
    setCurrentDetails(
      [
        `**${pipeline}**, backfill: ${done} done, ${failed} failed, ${cancelled} cancelled, ${skipped} skipped${total === undefined ? '' : ` of ${total}`}`,
        ...[...this.running.values()].slice(0, SHOWN).map((nominalDate) => `- ${nominalDate}: running`),
        ...(this.running.size > SHOWN ? [`- and ${this.running.size - SHOWN} more running`] : []),
        ...failures.slice(0, SHOWN).map(({ nominalDate, code }) => `- ${nominalDate}: failed, ${code}`),
      ].join('\n'),
    );
  }
}

function structuredCopy(counts: BackfillCounts): BackfillCounts {
  return { ...counts, outcomes: { ...counts.outcomes }, failures: [...counts.failures] };
}
