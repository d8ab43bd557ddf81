/**
 * A workflow that a pipeline file cannot say: look at all candidates on a sample first, then pay for the best few on all rows.
 *
 *     millrace worker --workflows pipelines/examples/own-workflow/screen-then-train.ts
 *     temporal workflow start --type screenThenTrain --task-queue millrace-pipelines --workflow-id telco-churn/screened/1 \
 *       --input '{"pipeline":"telco-churn","sampleRows":2000,"finalists":2}'
 */
import { executeChild, ParentClosePolicy, uuid4, WorkflowIdReusePolicy } from '@temporalio/workflow';
import { candidateWorkflowIdFor, type RunStatus } from 'millrace/contracts';
import {
  compareStage,
  conductRun,
  parseInput,
  prepareData,
  releaseStages,
  resolveStage,
  trainStage,
  type ResolvedContext,
  type trainingPipeline as TrainingPipeline,
} from 'millrace/workflows';
import { finalistsOf } from './finalists';
import { screenThenTrainInputSchema, type ScreenThenTrainInput } from './input';

// A worker with this file runs these too: the screening is a `trainingPipeline`, every candidate a `trainCandidate`, every model and pool has its owner,
// and what other pipelines of the fleet start by schedule or backfill may reach this worker.
export {
  backfill,
  modelRelease,
  resourcePool,
  scheduledRun,
  trainCandidate,
  trainingPipeline,
} from 'millrace/workflows';

/** See the file's head. @returns the run's status; outcome `failed` fails the workflow, `rejected` does not. */
export async function screenThenTrain(rawInput: ScreenThenTrainInput): Promise<RunStatus> {
  const { sampleRows, finalists, ...input } = parseInput(
    screenThenTrainInputSchema,
    rawInput,
    'the input of screenThenTrain',
  );
  return conductRun(input, async (context) => {
    const all = await resolveStage(context);
    const screened = await screen(all, sampleRows);
    const chosen = narrowed(all, finalistsOf(screened, finalists));

    const prepared = await prepareData(chosen);
    const results = await trainStage(chosen, prepared);
    const winner = await compareStage(chosen, results);
    await releaseStages(chosen, prepared, winner);
  });
}

/**
 * The whole of `trainingPipeline` up to the comparison, as a child on a sample: it has its own run in MLflow, its own report and its own row in
 * `millrace runs`. It ends before the hold-out, which only the winner may meet.
 */
async function screen({ input, run }: ResolvedContext, sample: number): Promise<RunStatus> {
  return executeChild<typeof TrainingPipeline>('trainingPipeline', {
    // Another id after a reset, when the old child may still be closing.
    workflowId: candidateWorkflowIdFor(run.status.workflowId, 'screening', uuid4()),
    args: [{ ...input, sample, until: 'compare' }],
    // Asked to end, not cut off: its own children stop their jobs.
    parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
    workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
    staticSummary: `${input.pipeline}, screened on about ${sample} rows`,
  });
}

/** The run with the finalists only: in what is trained, and in what is shown. */
function narrowed(context: ResolvedContext, names: readonly string[]): ResolvedContext {
  const { run, resolved } = context;
  run.status.candidates = run.status.candidates.filter(({ name }) => names.includes(name));
  const candidates = resolved.candidates.filter(({ name }) => names.includes(name));
  return { ...context, resolved: { ...resolved, candidates } };
}
