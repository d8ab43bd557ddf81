/** The state of a pool: what it carries across continue-as-new, who is next, and what its query shows. */
import { z } from 'zod';
import type { LeaseRequest, PoolQuestion, PoolStatus } from './messages';
import { poolQuestionSchema } from './messages';

/** Requests that may wait at once. A carried state must stay below the payload limit of 2 MB; whoever does not fit asks again later. */
export const MOST_WAITERS = 10_000;
/** Tokens that were given back, also before they came: a request that was repeated, or overtaken, can arrive after that. */
export const REMEMBERED_WITHDRAWALS = 1000;

/** Somebody in line. */
export interface Waiter extends Omit<LeaseRequest, 'limit'> {
  /** Order of arrival. */
  readonly place: number;
  /** ISO 8601. */
  readonly since: string;
}

/** Units that are given out. */
export interface Lease extends Omit<LeaseRequest, 'limit'> {
  readonly fence: number;
  /** ISO 8601. */
  readonly since: string;
  /** Whether the holder has been told. */
  readonly told: boolean;
  /** A job may run under it though its holder has not been told for certain: it was taken over, or told by an earlier execution of the pool. */
  readonly inherited: boolean;
  /** Given back, but its job may still run: it counts until that is known to be gone. */
  readonly ending: boolean;
  /** Its holder was found closed while the run was open, which is so for a moment when a run is reset: the next look decides. */
  readonly suspect: boolean;
}

/** See the file's head. */
export interface PoolState {
  readonly pool: string;
  readonly limit: number;
  /** When the limit was read, ISO 8601. */
  readonly limitAsOf: string;
  readonly nextFence: number;
  readonly nextPlace: number;
  readonly granted: number;
  readonly leases: readonly Lease[];
  /** In order of arrival. */
  readonly waiters: readonly Waiter[];
  /** Newest first, bounded. */
  readonly withdrawn: readonly string[];
}

/**
 * A pool that nobody has asked for anything yet. Its fences begin at the clock: a pool that was terminated and began anew must not give out numbers
 * that the last one has given out, and none gives out a thousand a second for long.
 */
export function newPoolState(pool: string, now: Date): PoolState {
  return {
    pool,
    limit: 1,
    limitAsOf: new Date(0).toISOString(),
    nextFence: now.getTime(),
    nextPlace: 1,
    granted: 0,
    leases: [],
    waiters: [],
    withdrawn: [],
  };
}

/** Units that are given out. */
export function usedUnits({ leases }: PoolState): number {
  return leases.reduce((sum, { units }) => sum + units, 0);
}

/** Who is served next: the most urgent, the first come among them. A large request at the head is not overtaken by smaller ones behind it. */
export function headOfLine({ waiters, limit }: PoolState): Waiter | undefined {
  let head: Waiter | undefined;
  for (const waiter of waiters)
    if (waiter.units <= limit && (head === undefined || isBefore(waiter, head))) head = waiter;
  return head;
}

function isBefore(one: Waiter, other: Waiter): boolean {
  return one.priority < other.priority || (one.priority === other.priority && one.place < other.place);
}

/** What the query `status` answers. */
export function poolStatusOf(state: PoolState, rawQuestion: PoolQuestion = {}): PoolStatus {
  const { workflowId, waiters: most } = poolQuestionSchema.parse(rawQuestion);
  const isMeant = (one: { workflowId: string }): boolean =>
    workflowId === undefined || one.workflowId === workflowId;
  const line = state.waiters
    .toSorted((one, other) => (isBefore(one, other) ? -1 : 1))
    .map((waiter, index) => ({ waiter, place: index + 1 }));
  return {
    pool: state.pool,
    limit: state.limit,
    used: usedUnits(state),
    holders: state.leases
      .filter(isMeant)
      .map((lease) => ({ ...shown(lease), fence: lease.fence, ending: lease.ending })),
    waiters: line
      .filter(({ waiter }) => isMeant(waiter))
      .slice(0, most)
      .map(({ waiter, place }) => ({ ...shown(waiter), place, tooLarge: waiter.units > state.limit })),
    waiting: state.waiters.length,
    granted: state.granted,
  };
}

function shown({ workflowId, what, holder, units, priority, since }: Waiter | Lease) {
  return { workflowId, what, holder, units, priority, since };
}

const waiterRow = z.tuple([
  z.string(), // workflowId
  z.string(), // what
  z.string(), // token
  z.string(), // holder; `~` stands for the run's id at its beginning
  z.number(), // units
  z.number(), // priority
  z.string(), // jobsOn; empty for none
  z.number(), // place
  z.number(), // since, in milliseconds
]);
const flags = { told: z.boolean(), inherited: z.boolean(), ending: z.boolean(), suspect: z.boolean() };

/** The state in as few bytes as is reasonable: thousands wait. */
const carriedSchema = z.object({
  pool: z.string(),
  limit: z.number(),
  limitAsOf: z.string(),
  nextFence: z.number(),
  nextPlace: z.number(),
  granted: z.number(),
  leases: z.array(z.object({ row: waiterRow, ...flags })),
  waiters: z.array(waiterRow),
  withdrawn: z.array(z.string()),
});

/** What goes into the input of the next execution. */
export function carry(state: PoolState): z.infer<typeof carriedSchema> {
  return {
    ...state,
    withdrawn: [...state.withdrawn],
    waiters: state.waiters.map((waiter) => rowOf(waiter, waiter.place)),
    leases: state.leases.map(({ told, inherited, ending, suspect, ...lease }) => ({
      row: rowOf(lease, lease.fence),
      told,
      inherited,
      ending,
      suspect,
    })),
  };
}

/** The state that {@link carry} put down. @throws ZodError for anything else. */
export function takeUp(carried: unknown): PoolState {
  const { leases, waiters, ...rest } = carriedSchema.parse(carried);
  return {
    ...rest,
    waiters: waiters.map((row) => ({ ...requestOf(row), place: row[7] })),
    leases: leases.map(({ row, ...stands }) => ({ ...requestOf(row), fence: row[7], ...stands })),
  };
}

type Row = z.infer<typeof waiterRow>;

function rowOf(one: Omit<LeaseRequest, 'limit'> & { since: string }, number: number): Row {
  const isPart = one.holder.startsWith(one.workflowId);
  const holder = isPart ? `~${one.holder.slice(one.workflowId.length)}` : one.holder;
  const { workflowId, what, token, units, priority, jobsOn = '', since } = one;
  return [workflowId, what, token, holder, units, priority, jobsOn, number, Date.parse(since)];
}

function requestOf([workflowId, what, token, holder, units, priority, jobsOn, , since]: Row) {
  return {
    workflowId,
    what,
    token,
    holder: holder.startsWith('~') ? `${workflowId}${holder.slice(1)}` : holder,
    units,
    priority,
    ...(jobsOn !== '' && { jobsOn }),
    since: new Date(since).toISOString(),
  };
}
