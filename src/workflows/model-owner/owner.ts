/** The owner of one registered model: its state, and the loops that work it off. */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { deploymentIdFor } from '../../contracts/ids';
import type { ModelStatus, Promotion } from '../../contracts/release';
import {
  modelStatusOf,
  nextToDeploy,
  nextToExpire,
  nextToRegister,
  openRequest,
  type OwnerState,
  type PromotionEntry,
  type ReleaseEntry,
} from '../../contracts/release-state';
import { transition, type ReleaseEvent } from '../../contracts/release-transitions';
import { failureOf, workflowFailureOf } from '../failures';
import { ownerActivitiesFor, type OwnerActivities } from './proxies';
import { detailsOf } from './details';
import { Outbox } from './outbox';
import { putIntoProduction } from './put-into-production';

/** Events after which the owner continues as new: far below Temporal's limit of 51,200 events and 10,000 signals. */
const FULL_HISTORY_EVENTS = 2000;

/** An event without its time, which is the workflow's. */
type Happening = ReleaseEvent extends infer Event
  ? Event extends ReleaseEvent
    ? Omit<Event, 'at'>
    : never
  : never;

/** The owner of one model: its state, and the work that the state asks for. */
export class ReleaseOwner {
  private readonly outbox = new Outbox((requestId) => this.apply({ type: 'run-gone', requestId }));

  constructor(public state: OwnerState) {
    this.show();
  }

  /** Applies an event, and tells the runs what they have to hear. */
  apply(happening: Happening): void {
    const event = { ...happening, at: new Date().toISOString() } as ReleaseEvent;
    const { state, tell } = transition(this.state, event);
    this.outbox.add(tell);
    if (state === this.state) return;
    this.state = state;
    this.show();
  }

  /** Works until the history is full and nothing is under way; what remains is in `state`. */
  async work(): Promise<void> {
    const loops = [this.registerEach(), this.expireEach(), this.deployEach()];
    try {
      await Promise.all(loops);
    } catch (error) {
      // A deployment that has begun is finished first.
      if (isCancellation(error)) await CancellationScope.nonCancellable(() => Promise.allSettled(loops));
      throw error;
    }
    await condition(() => this.outbox.isEmpty() && allHandlersFinished());
  }

  /** Promotes or rolls back; resolves when it is done. Waits for its turn in the line, like a request. */
  async promote(kind: PromotionEntry['kind'], promotion: Promotion): Promise<ModelStatus> {
    const promotionId = uuid4();
    const { model } = this.state;
    const { version } = promotion;
    this.apply({ type: 'promotion-asked', promotionId, kind, promotion });
    await condition(() => nextToDeploy(this.state, this.reach())?.id === promotionId);
    this.apply({ type: 'deploying', id: promotionId });
    const activities = this.activities();
    try {
      const { endpoint } = await putIntoProduction(activities, {
        model,
        version,
        deploymentId: deploymentIdFor({ model, version, token: promotionId }),
        stage: () => activities.deployment.stageVersion({ model, version, promotionId }),
      });
      this.apply({ type: 'promoted', promotionId, ...(endpoint !== undefined && { endpoint }) });
      return modelStatusOf(this.state);
    } catch (error) {
      const failure = failureOf(error);
      this.apply({
        type: 'promotion-failed',
        promotionId,
        message: `${failure.code}: ${failure.message}`,
      });
      throw workflowFailureOf(failure);
    }
  }

  /** Fails what is open: the owner was cancelled and will not come back to it. */
  async abandon(): Promise<void> {
    for (const { request } of this.state.entries) {
      this.apply({
        type: 'failed',
        requestId: request.requestId,
        code: 'RUN_CONFLICT',
        message: `the owner of the model ${request.model} (workflow ${workflowInfo().workflowId}) was cancelled`,
      });
    }
    await this.outbox.flushed();
  }

  private async registerEach(): Promise<void> {
    for (;;) {
      await condition(() => this.isFull() || nextToRegister(this.state) !== undefined);
      const next = nextToRegister(this.state);
      if (this.isFull() || !next) return;
      await this.register(next);
    }
  }

  private async register({ request }: ReleaseEntry): Promise<void> {
    const { requestId } = request;
    this.apply({ type: 'registering', requestId });
    try {
      const { version } = await ownerActivitiesFor(request.queues).registry.registerVersion({ request });
      this.apply({ type: 'registered', requestId, version });
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.apply({ type: 'failed', requestId, ...codeAndMessage(error) });
    }
  }

  private async expireEach(): Promise<void> {
    while (!this.isFull()) {
      const first = nextToExpire(this.state);
      const isStale = () => this.isFull() || nextToExpire(this.state)?.requestId !== first?.requestId;
      if (!first) await condition(isStale);
      else if (!(await condition(isStale, Math.max(1, Date.parse(first.until) - Date.now()))))
        this.apply({ type: 'approval-expired', requestId: first.requestId });
    }
  }

  private async deployEach(): Promise<void> {
    for (;;) {
      await condition(() => this.isFull() || nextToDeploy(this.state)?.kind === 'request');
      const next = nextToDeploy(this.state);
      if (this.isFull()) return;
      if (next?.kind === 'request') await this.deploy(next.entry);
    }
  }

  private async deploy({ request, version = '' }: ReleaseEntry): Promise<void> {
    const { requestId, model } = request;
    const activities = ownerActivitiesFor(request.queues);
    this.apply({ type: 'deploying', id: requestId });
    try {
      if (!(await this.isStillWanted(requestId))) return;
      const { championVersion } = await activities.registry.readChampion({ model });
      this.apply({ type: 'champion-seen', version: championVersion });
      if (championVersion === version && this.state.champion?.workflowId === request.workflowId) {
        // An earlier execution of the same run has brought it there, and was reset or retried before it heard.
        const { endpoint } = this.state.champion;
        this.apply({ type: 'deployed', requestId, ...(endpoint !== undefined && { endpoint }) });
        return;
      }
      if (championVersion !== request.championVersion) {
        this.apply({ type: 'champion-changed', requestId, championVersion });
        return;
      }
      const { endpoint } = await putIntoProduction(activities, {
        model,
        version,
        deploymentId: deploymentIdFor({ model, version, token: requestId }),
        stage: async () => {
          await activities.deployment.stageDeployment({ request, version });
          return { served: true };
        },
      });
      this.apply({ type: 'deployed', requestId, ...(endpoint !== undefined && { endpoint }) });
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.apply({ type: 'failed', requestId, ...codeAndMessage(error) });
    }
  }

  /** Whether the run still waits: one that is closed would be surprised by a deployment. */
  private async isStillWanted(requestId: string): Promise<boolean> {
    await this.outbox.flushed();
    return openRequest(this.state, requestId) !== undefined;
  }

  /** While the history is full only promotions go on, whose callers wait on this very execution. */
  private reach(): 'promotions' | 'all' {
    return this.isFull() ? 'promotions' : 'all';
  }

  private isFull(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength >= FULL_HISTORY_EVENTS || continueAsNewSuggested;
  }

  private activities(): OwnerActivities {
    return ownerActivitiesFor(this.state.queues);
  }

  private show(): void {
    setCurrentDetails(detailsOf(this.state));
  }
}

function codeAndMessage(error: unknown): { code: string; message: string } {
  const { code, message } = failureOf(error);
  return { code, message };
}

/** Refuses an update: thrown by validators, so that nothing of it enters the history. */
export function refusal(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'APPROVAL_REFUSED');
}
