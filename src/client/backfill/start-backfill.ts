/** Starting a backfill: what is asked for on the command line becomes the workflow's input. */
import { randomBytes } from 'node:crypto';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy, type Client } from '@temporalio/client';
import type { PipelineCatalog } from '../../ports/pipeline-catalog';
import {
  BACKFILL_MODES,
  MOST_PARALLEL,
  partitionsOf,
  type BackfillInput,
  type BackfillMode,
  type BackfillSelection,
  type Every,
  type Partition,
} from '../../contracts/backfill';
import { MillraceError } from '../../contracts/errors';
import { backfillIdFor } from '../../contracts/ids';
import { BACKFILL_PRIORITY, type PipelineSpec } from '../../contracts/pipeline-file';
import { TASK_QUEUES } from '../../contracts/task-queues';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import { runTokenFor, type StartedRun } from '../runs/start-run';
import { aboutWorkflow } from '../temporal-errors';

/** Options that say which partitions are meant. */
export interface SelectionOptions {
  readonly from?: string;
  readonly to?: string;
  readonly every?: string;
  readonly timezone?: string;
  readonly mode?: string;
}

/** A selection, checked against the pipeline file. */
export interface CheckedSelection {
  readonly selection: BackfillSelection;
  readonly partitions: readonly Partition[];
  readonly dateParam: BackfillInput['dateParam'];
}

const UNITS = ['hour', 'day', 'week', 'month'] as const;

/**
 * Reads the pipeline file as a run of the first partition would, and counts the partitions out.
 * @throws USAGE, and whatever the file is refused for.
 */
export async function checkSelection(
  catalog: PipelineCatalog,
  pipeline: string,
  options: SelectionOptions,
  params: Readonly<Record<string, string>>,
): Promise<CheckedSelection> {
  const { from, to } = options;
  if (from === undefined || to === undefined)
    throw new MillraceError('USAGE', 'A backfill needs a range of dates.', {
      mend: 'write it like --from 2026-01-01 --to 2026-01-31; both days are included',
    });
  if (params.date !== undefined)
    throw new MillraceError('USAGE', 'The parameter date is what a backfill fills in.', {
      where: '--param date',
      mend: 'say which dates with --from and --to',
    });
  const mode = modeOf(options.mode ?? 'missing');
  const declared = await declaredDate(catalog, pipeline);
  const some = { date: from.slice(0, 10), nominalDate: `${from.slice(0, 10)}T00:00:00Z` };
  const { spec } = await catalog.load(pipeline, { ...params, ...(declared && { date: some[declared] }) });
  const range = {
    from,
    to,
    every: everyOf(options.every, spec),
    timezone: options.timezone ?? spec.schedule?.timezone ?? 'UTC',
  };
  return {
    selection: { pipeline: spec.name, range, mode },
    partitions: partitionsOf(range),
    dateParam: declared,
  };
}

/** Starts it under an id of its own. */
export async function startBackfill(client: Client, input: BackfillInput): Promise<StartedRun> {
  const { pipeline } = input;
  const id = backfillIdFor(pipeline, runTokenFor(new Date(), randomBytes(2).toString('hex')));
  return aboutWorkflow(id, async () => {
    const handle = await client.workflow.start<(input: BackfillInput) => Promise<unknown>>(
      WORKFLOW_TYPES.backfill,
      {
        workflowId: id,
        taskQueue: TASK_QUEUES.pipelines,
        workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
        workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
        priority: { priorityKey: BACKFILL_PRIORITY },
        staticSummary: `Backfill of ${pipeline}, ${input.range.from} to ${input.range.to}`,
        args: [input],
      },
    );
    return { workflowId: id, runId: handle.firstExecutionRunId };
  });
}

/** Runs that may be open at once. @throws USAGE. */
export function parallelOf(parallel: number): number {
  if (parallel <= MOST_PARALLEL) return parallel;
  throw new MillraceError('USAGE', `--parallel takes at most ${MOST_PARALLEL}, not ${parallel}.`, {
    mend: 'what the machines do at once is limited by the workers anyway',
  });
}

function modeOf(text: string): BackfillMode {
  const mode = BACKFILL_MODES.find((known) => known === text);
  if (mode) return mode;
  throw new MillraceError('USAGE', `There is no mode ${text}.`, {
    where: '--mode',
    mend: `use one of ${BACKFILL_MODES.join(', ')}`,
  });
}

function everyOf(text: string | undefined, { schedule }: PipelineSpec): Every {
  if (text === undefined) return schedule ? { cron: [schedule.cron].flat() } : 'day';
  const unit = UNITS.find((known) => known === text);
  if (unit) return unit;
  throw new MillraceError('USAGE', `There is no interval ${text}.`, {
    where: '--every',
    mend: `use one of ${UNITS.join(', ')}`,
  });
}

/** What the pipeline's parameter `date` takes: a day, or, where it is a text, the whole moment, which tells hours apart. */
async function declaredDate(catalog: PipelineCatalog, pipeline: string): Promise<BackfillInput['dateParam']> {
  const found = (await catalog.list()).find(({ name, file }) => name === pipeline || file === pipeline);
  const type = found?.params.date?.type;
  if (type === 'date') return 'date';
  return type === 'string' ? 'nominalDate' : undefined;
}
