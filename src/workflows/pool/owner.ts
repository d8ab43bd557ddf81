/** The owner of one pool: its state, and the loops that tell of grants and look after leases. */
import {
  CancellationScope,
  condition,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import type { LeaseActivities, PoolActivities } from '../../contracts/activity-interfaces';
import { poolTransition, usedUnits, type Lease, type PoolEvent, type PoolState } from '../../contracts/pools';
import { TASK_QUEUES } from '../../contracts/task-queues';
import { DELIVERY, LEASE_LOOK } from '../activity-options';

/** Events and signals after which the pool continues as new: far below Temporal's limits of 51,200 events and 10,000 signals. */
const FULL_HISTORY_EVENTS = 4000;
const MOST_SIGNALS = 2000;
/** Holders that one activity tells, and leases that one looks at. */
const TOLD_AT_ONCE = 100;
const LOOKED_AT_ONCE = 50;
/** Pause before those are tried again that could not be told though they are open. */
const TELL_AGAIN = '1s';
/** A holder that is terminated is noticed within this time; sooner where somebody waits for its units. */
const LOOK_INTERVAL_MS = { idle: 8000, wanted: 2000 } as const;

type Happening = PoolEvent extends infer Event
  ? Event extends PoolEvent
    ? Omit<Event, 'at'>
    : never
  : never;

const { deliverGrants } = proxyActivities<PoolActivities>({ ...DELIVERY, taskQueue: TASK_QUEUES.services });

/** Hears what holders say, gives out units, and works until its history is full. One for each execution of `resourcePool`. */
export class PoolOwner {
  private signals = 0;
  /** Tokens of the leases that are being looked at, or whose job ran on when they were: the next round takes those. */
  private readonly looking = new Set<string>();
  private readonly seenRunning = new Set<string>();
  /** When all were looked at last, in milliseconds since the epoch. */
  private lookedAt = Date.now();

  constructor(public state: PoolState) {
    this.show();
  }

  /** A signal has come; `undefined` for one that is malformed. */
  hear(happenings: readonly Happening[] | undefined): void {
    this.signals += 1;
    for (const happening of happenings ?? []) this.apply(happening);
  }

  /**
   * Works until the history is full. What is under way then is dropped: who has not certainly been told is told again by the next execution, and leases
   * are looked at again. So nothing, not even a fleet that is away, can hold up continuing as new.
   */
  async work(): Promise<void> {
    // Who cancels the owner of a pool would leave its holders without a limit: only terminating it ends it.
    await CancellationScope.nonCancellable(async () => {
      const loops = new CancellationScope();
      const running = loops
        .run(() => Promise.all([this.tellEach(), this.lookEach()]))
        .catch((error: unknown) => {
          if (!isCancellation(error)) throw error;
        });
      await condition(() => this.isFull());
      loops.cancel();
      await running;
    });
  }

  private apply(happening: Happening): void {
    const event = { ...happening, at: new Date().toISOString() } as PoolEvent;
    const state = poolTransition(this.state, event);
    this.state = state;
  }

  private async tellEach(): Promise<never> {
    for (;;) {
      await condition(() => this.state.leases.some(({ told }) => !told));
      // Not at every signal: thousands may come in one task, which has seconds.
      this.show();
      const { pool } = this.state;
      const grants = this.state.leases
        .filter(({ told }) => !told)
        .slice(0, TOLD_AT_ONCE)
        .map(({ holder, token, fence }) => ({ holder, grant: { pool, token, fence } }));
      const { told, gone, unheard } = await deliverGrants({ grants });
      // In doubt whether it heard, the lease is looked at as any other whose holder is closed.
      this.apply({ type: 'told', tokens: unheard ? told : [...told, ...gone] });
      if (unheard && gone.length > 0) this.apply({ type: 'unreachable', tokens: gone });
      const answered = new Set([...told, ...gone]);
      const doubtful = grants.map(({ grant }) => grant.token).filter((token) => !answered.has(token));
      if (doubtful.length === 0) continue;
      this.apply({ type: 'doubted', tokens: doubtful });
      await sleep(TELL_AGAIN);
    }
  }

  private async lookEach(): Promise<never> {
    for (;;) {
      this.show();
      await condition(() => this.state.leases.length > 0);
      const interval = this.state.waiters.length > 0 ? LOOK_INTERVAL_MS.wanted : LOOK_INTERVAL_MS.idle;
      // Counted from the last look at all: many quick endings must not put the next one off.
      const nextLookAt = this.lookedAt + interval;
      await condition(() => this.urgent().length > 0, Math.max(1, nextLookAt - Date.now()));
      const isTimeForAll = Date.now() >= nextLookAt;
      if (isTimeForAll) {
        this.lookedAt = Date.now();
        this.seenRunning.clear();
      }
      const due = isTimeForAll ? this.state.leases.filter(({ told }) => told) : this.urgent();
      const free = due.filter(({ token }) => !this.looking.has(token));
      for (const queue of new Set(free.map(({ jobsOn }) => jobsOn))) {
        const leases = free.filter(({ jobsOn }) => jobsOn === queue);
        for (let from = 0; from < leases.length; from += LOOKED_AT_ONCE)
          void this.look(queue, leases.slice(from, from + LOOKED_AT_ONCE));
      }
    }
  }

  /** Leases that were given back, and whose job may be over by now. */
  private urgent(): Lease[] {
    return this.state.leases.filter(
      ({ ending, token }) => ending && !this.looking.has(token) && !this.seenRunning.has(token),
    );
  }

  /** A host that is away answers nothing: its leases stay, since its jobs may run, and the others do not wait for it. */
  private async look(queue: string | undefined, leases: readonly Lease[]): Promise<void> {
    const tokens = leases.map(({ token }) => token);
    for (const token of tokens) this.looking.add(token);
    try {
      const { lookAtLeases } = proxyActivities<LeaseActivities>({
        ...LEASE_LOOK,
        taskQueue: queue ?? TASK_QUEUES.services,
      });
      const { findings } = await lookAtLeases({
        pool: this.state.pool,
        leases: leases.map(({ token, workflowId, what, holder, fence, ending, suspect }) => ({
          ...{ token, workflowId, what, holder, fence, ending, suspect },
          jobs: queue !== undefined,
        })),
      });
      this.apply({ type: 'looked', findings });
    } catch {
      // The next round looks again.
    } finally {
      for (const { token, ending } of leases) {
        this.looking.delete(token);
        // One that was given back in the meantime has not been looked at as such.
        if (ending) this.seenRunning.add(token);
      }
    }
  }

  private isFull(): boolean {
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    return historyLength >= FULL_HISTORY_EVENTS || this.signals >= MOST_SIGNALS || continueAsNewSuggested;
  }

  private show(): void {
    const { pool, limit, leases, waiters } = this.state;
    setCurrentDetails(
      [
        `**${pool}**: ${usedUnits(this.state)} of ${limit} units given out, ${waiters.length} waiting`,
        ...leases.slice(0, 20).map(({ workflowId, what, units }) => `- ${workflowId} (${what}): ${units}`),
      ].join('\n'),
    );
  }
}
