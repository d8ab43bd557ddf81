/**
 * The one durable owner of a registered model's versions, champion alias and endpoint (workflow id `model/NAME`): runs hand over to it,
 * people approve, promote and roll back through it, so that no two of them can race. It never ends; it continues as new.
 *
 *     temporal workflow query --workflow-id model/telco-churn --type status
 *     temporal workflow update execute --workflow-id model/telco-churn --name rollback --input '{"version":"3","by":"ada","why":"…"}'
 */
import {
  CancellationScope,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  isCancellation,
  setHandler,
} from '@temporalio/workflow';
import {
  modelReleaseInputSchema,
  promotionSchema,
  RELEASE_MESSAGES,
  releaseDecisionSchema,
  releaseRequestSchema,
  releaseVerdictSchema,
  releaseWithdrawalSchema,
  type ModelReleaseInput,
  type ModelStatus,
  type Promotion,
  type ReleaseDecision,
  type ReleaseRequest,
  type ReleaseVerdict,
  type ReleaseWithdrawal,
} from '../contracts/release';
import { modelStatusOf, newOwnerState, openRequest, ownerStateSchema } from '../contracts/release-state';
import { refusal, ReleaseOwner } from './model-owner/owner';
import { parseInput } from './parse-input';

/** A run asks for its model to be released; the same request twice is one. */
export const submitSignal = defineSignal<[ReleaseRequest]>(RELEASE_MESSAGES.submit);
/** A run takes its request back. */
export const withdrawSignal = defineSignal<[ReleaseWithdrawal]>(RELEASE_MESSAGES.withdraw);
/** A run hands on what a person decided of its request. */
export const decideSignal = defineSignal<[ReleaseVerdict]>(RELEASE_MESSAGES.decide);
/** A person releases a version that waits. */
export const approveReleaseUpdate = defineUpdate<ModelStatus, [ReleaseDecision]>(RELEASE_MESSAGES.approve);
/** A person refuses a version that waits. */
export const rejectReleaseUpdate = defineUpdate<ModelStatus, [ReleaseDecision]>(RELEASE_MESSAGES.reject);
/** A person puts a registered version into production. */
export const promoteUpdate = defineUpdate<ModelStatus, [Promotion]>(RELEASE_MESSAGES.promote);
/** A person puts an earlier version back into production. */
export const rollbackUpdate = defineUpdate<ModelStatus, [Promotion]>(RELEASE_MESSAGES.rollback);
/** Champion, requests and deployments as they stand. */
export const modelStatusQuery = defineQuery<ModelStatus>(RELEASE_MESSAGES.status);

/** See the file's head. Returns only by cancellation. */
export async function modelRelease(rawInput: ModelReleaseInput): Promise<void> {
  const input = parseInput(modelReleaseInputSchema, rawInput, 'the input of modelRelease');
  const owner = new ReleaseOwner(
    input.carried === undefined
      ? newOwnerState(input.model, input.queues)
      : parseInput(ownerStateSchema, input.carried, 'the carried state of modelRelease'),
  );
  takeMessages(owner);
  try {
    await owner.work();
  } catch (error) {
    if (isCancellation(error)) await CancellationScope.nonCancellable(() => owner.abandon());
    throw error;
  }
  await continueAsNew<typeof modelRelease>({ model: input.model, carried: owner.state });
}

function takeMessages(owner: ReleaseOwner): void {
  setHandler(modelStatusQuery, () => modelStatusOf(owner.state));

  // A malformed signal has no sender to answer to, and must not stop the owner of a model: it changes nothing.
  setHandler(submitSignal, (raw) => {
    const request = releaseRequestSchema.safeParse(raw).data;
    if (request?.model === owner.state.model) owner.apply({ type: 'submitted', request });
  });
  setHandler(withdrawSignal, (raw) => {
    const withdrawal = releaseWithdrawalSchema.safeParse(raw).data;
    if (withdrawal) owner.apply({ type: 'withdrawn', requestId: withdrawal.requestId });
  });
  setHandler(decideSignal, (raw) => {
    const verdict = releaseVerdictSchema.safeParse(raw).data;
    if (verdict) owner.apply({ type: 'decided', verdict });
  });

  const decide = (decision: ReleaseDecision, approved: boolean): ModelStatus => {
    owner.apply({ type: 'decided', verdict: { ...decision, approved } });
    return modelStatusOf(owner.state);
  };
  const awaited = { validator: (decision: ReleaseDecision) => assertAwaitsDecision(owner, decision) };
  setHandler(approveReleaseUpdate, (decision) => decide(decision, true), awaited);
  setHandler(rejectReleaseUpdate, (decision) => decide(decision, false), awaited);

  setHandler(promoteUpdate, (promotion) => owner.promote('promote', promotion), {
    validator: (promotion: Promotion) => assertPromotion(promotion),
  });
  setHandler(rollbackUpdate, (promotion) => owner.promote('rollback', promotion), {
    validator: (promotion: Promotion) => {
      assertPromotion(promotion);
      if (owner.state.champion?.version === promotion.version) {
        throw refusal(
          `version ${promotion.version} is the champion already; name the version to go back to (see status)`,
        );
      }
    },
  });
}

function assertAwaitsDecision(owner: ReleaseOwner, raw: ReleaseDecision): void {
  const decision = releaseDecisionSchema.safeParse(raw);
  if (!decision.success) throw refusal('a decision needs requestId and by (who decides), and may say why');
  const entry = openRequest(owner.state, decision.data.requestId);
  if (!entry) throw refusal(`no open request has the id ${decision.data.requestId}; see status`);
  if (entry.state !== 'awaiting-approval')
    throw refusal(`the request ${decision.data.requestId} does not wait for approval: it is ${entry.state}`);
}

function assertPromotion(raw: Promotion): void {
  if (!promotionSchema.safeParse(raw).success)
    throw refusal('a promotion needs version and by (who wants it), and may say why');
}
