/** What every run has around its stages: messages, an end that is always concluded, and the outcome. */
import {
  allHandlersFinished,
  CancellationScope,
  condition,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import type { ReleaseUpdate } from '../contracts/release';
import type { Decision, RunStatus, TrainingPipelineInput } from '../contracts/runs';
import { decisionSchema, RUN_MESSAGES } from '../contracts/runs';
import { Conclusion } from './conclusion';
import { endsTheRun, failureOf, workflowFailureOf } from './failures';
import { parseInput } from './parse-input';
import { ReleaseConversation } from './release';
import { RunState, StoppedByRequest } from './run-state';
import { Steering } from './steering';

/** How the run stands; answered also after its end, by a worker. */
export const statusQuery = defineQuery<RunStatus>(RUN_MESSAGES.status);
/** A person releases the version that waits; refused unless the run awaits approval. */
export const approveUpdate = defineUpdate<{ accepted: true; version: string | undefined }, [Decision]>(
  RUN_MESSAGES.approve,
);
/** A person refuses the version that waits; refused unless the run awaits approval. */
export const rejectUpdate = defineUpdate<{ accepted: true; version: string | undefined }, [Decision]>(
  RUN_MESSAGES.reject,
);
/** The model's owner tells how the run's request stands. */
export const releaseUpdateSignal = defineSignal<[ReleaseUpdate]>(RUN_MESSAGES.releaseUpdate);

/** What the stages of one run work with. */
export interface RunContext {
  readonly input: TrainingPipelineInput;
  /** What is shown of the run; every stage goes through `run.stage`. */
  readonly run: RunState;
  /** The run's records: its run in MLflow, report, ledger and notifications. */
  readonly conclusion: Conclusion;
  /** The run's talk with the owner of its model. */
  readonly conversation: ReleaseConversation;
  /** What people steer the run by, and its slot among the active runs. */
  readonly steering: Steering;
}

/**
 * Runs `stages` as a run of Millrace: serves the query `status` and the updates `approve` and `reject`, sets the search attributes, and
 * concludes with report, MLflow, ledger and notification, whatever the end. `stages` must end the run's state, or throw.
 *
 * @returns the run's status
 * @throws ApplicationFailure of the error's code for the outcome `failed`; CancelledFailure when the run was cancelled
 */
export async function conductRun(
  input: TrainingPipelineInput,
  stages: (context: RunContext) => Promise<void>,
): Promise<RunStatus> {
  const run = new RunState(input);
  const conclusion = new Conclusion(run, input.startedBy, input.promote);
  const steering = new Steering(run);
  const conversation = new ReleaseConversation(run, () => {
    conclusion.notifyLater('awaitingApproval');
    // Whoever waits for a person holds up no other run.
    void steering.leave();
  });
  serveMessages(run, conversation);

  try {
    await stages({ input, run, conclusion, conversation, steering });
  } catch (error) {
    if (!(error instanceof StoppedByRequest) && !endsTheRun(error)) throw error;
    if (error instanceof StoppedByRequest)
      run.ended('stopped', [`stopped after the stage ${input.until ?? ''}, as asked`]);
    else if (isCancellation(error)) run.ended('cancelled', ['the run was cancelled']);
    else run.ended('failed', [], failureOf(error));
    await concludeAll(conclusion, steering);
    if (isCancellation(error)) throw error;
    if (run.status.error) throw workflowFailureOf(run.status.error);
    return run.status;
  }
  // A cancellation that comes now comes too late: what is deployed is deployed.
  await concludeAll(conclusion, steering);
  return run.status;
}

async function concludeAll(conclusion: Conclusion, steering: Steering): Promise<void> {
  await CancellationScope.nonCancellable(async () => {
    await conclusion.conclude();
    await steering.leave();
    await condition(allHandlersFinished);
  });
}

function serveMessages(run: RunState, conversation: ReleaseConversation): void {
  setHandler(statusQuery, () => run.status);
  setHandler(releaseUpdateSignal, (update) => conversation.receive(update));
  const decisions = {
    validator(decision: Decision): void {
      parseInput(decisionSchema, decision, 'the decision');
      conversation.assertAwaitsDecision();
    },
  };
  setHandler(approveUpdate, (decision) => conversation.decide(true, decision), decisions);
  setHandler(rejectUpdate, (decision) => conversation.decide(false, decision), decisions);
}
