/** Handing the winner over to its model's owner, and waiting for the owner's word. */
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
} from '@temporalio/workflow';
import { modelReleaseIdFor } from '../contracts/ids';
import type { ReleaseRequest, ReleaseUpdate, ReleaseVerdict } from '../contracts/release';
import { RELEASE_MESSAGES, releaseUpdateSchema } from '../contracts/release';
import type { Decision } from '../contracts/runs';
import type { RunActivities } from './activity-proxies';
import type { RunState } from './run-state';

/** How the owner ended a request. */
export type ReleaseEnd = Extract<ReleaseUpdate, { state: 'finished' | 'failed' | 'champion-changed' }>;

/** One run's conversation with the owner of its model: what was asked last, what was answered, what a person decided. */
export class ReleaseConversation {
  private request: ReleaseRequest | undefined;
  private end: ReleaseEnd | undefined;

  constructor(
    private readonly run: RunState,
    private readonly onAwaitingApproval: () => void,
  ) {}

  /** The signal `releaseUpdate`. Words about an earlier request are late, malformed ones have no sender to answer to: neither changes anything. */
  receive(raw: unknown): void {
    const update = releaseUpdateSchema.safeParse(raw).data;
    if (!update || update.requestId !== this.request?.requestId) return;
    const version = 'version' in update ? update.version : undefined;
    if (version !== undefined) this.run.status.model = { name: this.request.model, version };
    this.run.awaitingApproval(update.state === 'awaiting-approval');
    if (update.state === 'awaiting-approval') this.onAwaitingApproval();
    if (update.state === 'finished' || update.state === 'failed' || update.state === 'champion-changed')
      this.end = update;
  }

  /** Asks the owner to release, and waits for the end of it. Cancelling the run takes the request back. */
  async ask(request: ReleaseRequest, services: RunActivities['services']): Promise<ReleaseEnd> {
    this.request = request;
    this.end = undefined;
    try {
      await services.submitRelease({ request });
      await condition(() => this.end !== undefined);
    } catch (error) {
      if (isCancellation(error)) await CancellationScope.nonCancellable(() => this.withdraw(request));
      throw error;
    }
    return this.end as unknown as ReleaseEnd;
  }

  /** For the validators of `approve` and `reject`. @throws when nothing waits for a decision. */
  assertAwaitsDecision(): void {
    if (this.run.status.state !== 'awaiting-approval') {
      throw new Error(
        `APPROVAL_REFUSED: this run does not wait for approval (it is ${this.run.status.state}); see its status`,
      );
    }
  }

  /** Passes a person's decision on to the owner. */
  async decide(
    approved: boolean,
    decision: Decision,
  ): Promise<{ accepted: true; version: string | undefined }> {
    const request = this.request;
    if (!request) throw new Error('APPROVAL_REFUSED: nothing was handed over yet');
    const verdict: ReleaseVerdict = { ...decision, requestId: request.requestId, approved };
    await getExternalWorkflowHandle(modelReleaseIdFor(request.model)).signal(
      RELEASE_MESSAGES.decide,
      verdict,
    );
    return { accepted: true, version: this.run.status.model?.version };
  }

  /** An owner that is gone has nothing to take back. */
  private async withdraw(request: ReleaseRequest): Promise<void> {
    await getExternalWorkflowHandle(modelReleaseIdFor(request.model))
      .signal(RELEASE_MESSAGES.withdraw, { requestId: request.requestId })
      .catch(() => undefined);
  }
}
