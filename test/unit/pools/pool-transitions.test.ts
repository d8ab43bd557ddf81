// Catches a pool that gives out more than it has, lets small requests starve a large one, gives a unit to two, forgets what a reset run holds, or
// takes a late word for a present one.
import {
  carry,
  leaseRequestSchema,
  MOST_WAITERS,
  newPoolState,
  poolStatusOf,
  poolTransition,
  resumed,
  takeUp,
  usedUnits,
  type LeaseRequest,
  type PoolEvent,
  type PoolState,
} from '../../../src/contracts/pools';
import { seededRandom } from '../../support/seeded-random';

const NOW = '2026-11-21T12:00:00.000Z';
const LATER = '2026-11-21T13:00:00.000Z';
type Undated = PoolEvent extends infer Event ? (Event extends PoolEvent ? Omit<Event, 'at'> : never) : never;

function request(name: string, changes: Partial<LeaseRequest> = {}): LeaseRequest {
  return leaseRequestSchema.parse({
    workflowId: name,
    what: 'job',
    token: `token-${name}`,
    holder: name,
    limit: { units: 4, asOf: NOW },
    jobsOn: 'jobs',
    ...changes,
  });
}
const ask = (name: string, changes: Partial<LeaseRequest> = {}): Undated => ({
  type: 'asked',
  request: request(name, changes),
});
const giveBack = (name: string, changes: object = {}): Undated => ({
  type: 'released',
  release: { workflowId: name, what: 'job', token: `token-${name}`, ...changes },
});
function after(...events: Undated[]): PoolState {
  return events.reduce<PoolState>(
    (state, event) => poolTransition(state, { ...event, at: NOW }),
    newPoolState('gpu', new Date(NOW)),
  );
}
const holders = (state: PoolState): string[] => state.leases.map(({ workflowId }) => workflowId);
const line = (state: PoolState): string[] =>
  poolStatusOf(state).waiters.map(({ workflowId, place }) => `${String(place)} ${workflowId}`);

test.each<{ name: string; events: Undated[]; held: string[]; waiting: string[] }>([
  {
    name: 'first come, first served',
    events: [ask('a', { units: 4 }), ask('b'), ask('c'), giveBack('a')],
    held: ['b', 'c'],
    waiting: [],
  },
  {
    name: 'the most urgent first, first come among them',
    events: [
      ask('a', { units: 4 }),
      ask('low', { priority: 5 }),
      ask('mid', { priority: 3 }),
      ask('high', { priority: 1 }),
      ask('mid-2', { priority: 3 }),
    ],
    held: ['a'],
    waiting: ['1 high', '2 mid', '3 mid-2', '4 low'],
  },
  {
    name: 'a large request at the head is not overtaken by small ones that would fit',
    events: [ask('a', { units: 3 }), ask('large', { units: 4 }), ask('small')],
    held: ['a'],
    waiting: ['1 large', '2 small'],
  },
  {
    name: 'one that can never be served holds nobody up',
    events: [ask('huge', { units: 5 }), ask('small')],
    held: ['small'],
    waiting: ['1 huge'],
  },
  {
    name: 'the same request twice is one',
    events: [ask('a'), ask('a')],
    held: ['a'],
    waiting: [],
  },
  {
    name: 'a request that was taken back before it came',
    events: [giveBack('a'), ask('a')],
    held: [],
    waiting: [],
  },
  {
    name: 'a repeated request that comes after its units were given back',
    events: [ask('a'), giveBack('a'), ask('a')],
    held: [],
    waiting: [],
  },
  {
    name: 'a repeated request that comes after its place in the line was given back',
    events: [ask('a', { units: 4 }), ask('b'), giveBack('b'), ask('b')],
    held: ['a'],
    waiting: [],
  },
  {
    name: 'a place in the line that is given back',
    events: [ask('a', { units: 4 }), ask('b'), ask('c'), giveBack('b')],
    held: ['a'],
    waiting: ['1 c'],
  },
  {
    name: 'a late word of an earlier execution ends no lease of a later one',
    events: [ask('a'), ask('a', { token: 'second' }), giveBack('a')],
    held: ['a'],
    waiting: [],
  },
  {
    name: 'a later execution keeps the place in the line',
    events: [ask('x', { units: 4 }), ask('a'), ask('b'), ask('a', { token: 'second' })],
    held: ['x'],
    waiting: ['1 a', '2 b'],
  },
  {
    name: 'a lease whose job may run is not free before that is known',
    events: [ask('a', { units: 4 }), ask('b'), giveBack('a', { verify: true })],
    held: ['a'],
    waiting: ['1 b'],
  },
  {
    name: 'and is free once it is',
    events: [
      ask('a', { units: 4 }),
      ask('b'),
      giveBack('a', { verify: true }),
      { type: 'looked', findings: [{ token: 'token-a', found: 'over' }] },
    ],
    held: ['b'],
    waiting: [],
  },
  {
    name: 'a holder that is closed before it hears is passed over',
    events: [ask('a', { units: 4 }), ask('b'), { type: 'unreachable', tokens: ['token-a'] }],
    held: ['b'],
    waiting: [],
  },
  {
    name: 'but not the lease that it took over, under which a job may run',
    events: [
      ask('a', { units: 4 }),
      ask('a', { units: 4, token: 'second' }),
      ask('b'),
      { type: 'unreachable', tokens: ['second'] },
    ],
    held: ['a'],
    waiting: ['1 b'],
  },
  {
    name: 'nor the lease of one that may have heard, though the answer was lost: it may have begun before it was closed',
    events: [
      ask('a', { units: 4, jobsOn: 'training' }),
      ask('b'),
      { type: 'doubted', tokens: ['token-a'] },
      { type: 'unreachable', tokens: ['token-a'] },
    ],
    held: ['a'],
    waiting: ['1 b'],
  },
  {
    name: 'a priority that is raised',
    events: [
      ask('a', { units: 4 }),
      ask('b'),
      ask('c'),
      { type: 'priority-set', change: { workflowId: 'c', priority: 1 } },
    ],
    held: ['a'],
    waiting: ['1 c', '2 b'],
  },
  {
    name: 'a limit that is raised, by hand or by a run that knows better',
    events: [
      ask('a', { units: 4 }),
      ask('b'),
      ask('c'),
      ask('d', { limit: { units: 6, asOf: LATER } }),
      ask('e', { limit: { units: 4, asOf: NOW } }),
    ],
    held: ['a', 'b', 'c'],
    waiting: ['1 d', '2 e'],
  },
])('$name', ({ events, held, waiting }) => {
  const state = after(...events);
  expect(holders(state)).toEqual(held);
  expect(line(state)).toEqual(waiting);
});

test('who takes a lease over gets a higher fence, and is told', () => {
  const first = after(ask('a'), { type: 'told', tokens: ['token-a'] });
  const second = poolTransition(first, {
    at: NOW,
    type: 'asked',
    request: request('a', { token: 'second', holder: 'a/new' }),
  });
  expect(second.leases).toMatchObject([{ token: 'second', holder: 'a/new', told: false, inherited: true }]);
  expect(second.leases[0]?.fence).toBeGreaterThan(first.leases[0]?.fence ?? Infinity);
});

test('a lowered limit takes nothing away, and nothing is given out above it', () => {
  const before = after(ask('a'), ask('b'));
  const lowered = poolTransition(before, { at: LATER, type: 'limit-set', units: 1 });
  const state = [ask('c'), giveBack('a')].reduce<PoolState>(
    (current, event) => poolTransition(current, { ...event, at: LATER }),
    lowered,
  );
  expect(holders(state)).toEqual(['b']);
  expect(line(state)).toEqual(['1 c']);
});

test('a new pool of the same name begins above all fences of the last one', () => {
  const old = after(
    ...Array.from({ length: 500 }, (_, index) => ask(String(index), { limit: { units: 500, asOf: NOW } })),
  );
  const most = Math.max(...old.leases.map(({ fence }) => fence));
  expect(newPoolState('gpu', new Date(Date.parse(NOW) + 1000)).nextFence).toBeGreaterThan(most);
});

test('as many waiters as there may be are carried in less than the payload limit, and come back as they were', () => {
  const events = Array.from({ length: 1000 }, (_, index) =>
    ask(`telco-churn/manual/20261121-120301-${String(index)}`, {
      what: 'train/candidate-with-a-name',
      holder: `telco-churn/manual/20261121-120301-${String(index)}/candidate-with-a-name/0123abcd`,
    }),
  );
  const state = after(...events);
  const carried = JSON.stringify(carry(state));
  expect((carried.length / 1000) * MOST_WAITERS).toBeLessThan(1_900_000);
  expect(takeUp(JSON.parse(carried))).toEqual(state);
});

test('after continuing as new, whoever has not certainly heard is told again, and is not taken for one that never heard', () => {
  const state = resumed(takeUp(carry(after(ask('a', { units: 4 }), ask('b')))));
  expect(state.leases).toMatchObject([{ told: false, inherited: true }]);
  const lost = poolTransition(state, { at: NOW, type: 'unreachable', tokens: ['token-a'] });
  expect(lost.leases).toMatchObject([{ token: 'token-a', ending: true }]);
});

test('whatever comes in whatever order, no more is given out than there is, and fences only rise', () => {
  const random = seededRandom(7);
  let state = newPoolState('gpu', new Date(NOW));
  let fence = 0;
  const names = Array.from({ length: 40 }, (_, index) => `w${String(index)}`);
  const any = (): string => names[Math.floor(random() * names.length)] ?? '';
  for (let step = 0; step < 5000; step++) {
    const name = any();
    const token = `token-${name}-${String(Math.floor(random() * 3))}`;
    const dice = random();
    const event: Undated =
      dice < 0.5
        ? ask(name, { token, units: 1 + (names.indexOf(name) % 4), priority: 1 + Math.floor(random() * 5) })
        : dice < 0.7
          ? giveBack(name, { token, verify: random() < 0.5 })
          : dice < 0.8
            ? { type: 'unreachable', tokens: [token] }
            : dice < 0.9
              ? { type: 'told', tokens: [token] }
              : { type: 'looked', findings: [{ token, found: 'over' }] };
    const before = new Map(state.leases.map((lease) => [lease.token, lease.fence]));
    state = poolTransition(state, { ...event, at: NOW });
    expect(usedUnits(state)).toBeLessThanOrEqual(state.limit);
    for (const lease of state.leases) {
      if (before.has(lease.token)) continue;
      expect(lease.fence).toBeGreaterThan(fence);
      fence = lease.fence;
    }
    const keys = state.leases.filter(({ ending }) => !ending).map(({ workflowId }) => workflowId);
    expect(new Set(keys).size).toBe(keys.length);
  }
});
