/** What runs have to hear, one word after the other, so that they hear it in order. */
import { CancellationScope, condition, getExternalWorkflowHandle } from '@temporalio/workflow';
import type { Telling } from '../../contracts/release-changes';
import { RUN_MESSAGES } from '../../contracts/runs';

/** Sends release updates to runs. A run that is closed is no error: `onGone` hears of it. */
export class Outbox {
  private readonly waiting: Telling[] = [];
  private sending = false;

  constructor(private readonly onGone: (requestId: string) => void) {}

  /** Queues words to runs. */
  add(tellings: readonly Telling[]): void {
    this.waiting.push(...tellings);
    if (!this.sending) void this.send();
  }

  /** Whether all is said. */
  isEmpty(): boolean {
    return this.waiting.length === 0 && !this.sending;
  }

  /** Resolves when all is said. */
  async flushed(): Promise<void> {
    await condition(() => this.isEmpty());
  }

  private async send(): Promise<void> {
    this.sending = true;
    for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
      const { workflowId, update } = next;
      try {
        await CancellationScope.nonCancellable(() =>
          getExternalWorkflowHandle(workflowId).signal(RUN_MESSAGES.releaseUpdate, update),
        );
      } catch {
        // The server repeats what may pass by itself; what fails here cannot be delivered.
        this.onGone(update.requestId);
      }
    }
    this.sending = false;
  }
}
