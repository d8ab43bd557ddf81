// Catches an owner that loses, repeats or reorders requests: a message that comes twice, late or in another order must never release
// a model twice, release one that nobody waits for, or let a run wait for an answer that never comes.
import { promotionSchema, type ReleaseRequest, type ReleaseUpdate } from '../../../src/contracts/release';
import {
  deployedBefore,
  modelStatusOf,
  newOwnerState,
  nextToDeploy,
  nextToExpire,
  nextToRegister,
  ownerStateSchema,
  REMEMBERED_HISTORY,
  REMEMBERED_REQUESTS,
  type OwnerState,
} from '../../../src/contracts/release-state';
import { transition, type ReleaseEvent } from '../../../src/contracts/release-transitions';
import { requestOf } from '../../support/release-requests';

const START = Date.parse('2026-01-01T00:00:00.000Z');
type Happening = ReleaseEvent extends infer Event
  ? Event extends ReleaseEvent
    ? Omit<Event, 'at'>
    : never
  : never;

/** Applies events a minute apart; returns the last state and all that was told, as `RUN: state`. */
function after(happenings: readonly Happening[], from: OwnerState = newOwnerState('churn')) {
  let state = from;
  const told: { workflowId: string; update: ReleaseUpdate }[] = [];
  for (const [index, happening] of happenings.entries()) {
    const at = new Date(START + index * 60_000).toISOString();
    const next = transition(state, { ...happening, at } as ReleaseEvent);
    state = next.state;
    told.push(...next.tell);
  }
  return { state, told, words: told.map(({ workflowId, update }) => `${workflowId}: ${update.state}`) };
}

const submitted = (request: ReleaseRequest): Happening => ({ type: 'submitted', request });
const registered = (run: string, version: string): Happening[] => [
  { type: 'registering', requestId: `${run}/1` },
  { type: 'registered', requestId: `${run}/1`, version },
];
const verdict = (run: string, approved: boolean): Happening => ({
  type: 'decided',
  verdict: { requestId: `${run}/1`, approved, by: 'ada', why: 'seen it' },
});
const approval = { required: true, timeoutSeconds: 3600 };
const ready = (run: string, version: string): Happening[] => [
  submitted(requestOf(run)),
  ...registered(run, version),
];
const waiting = (run: string, version: string): Happening[] => [
  submitted(requestOf(run, { approval })),
  ...registered(run, version),
];
const standing = (state: OwnerState) =>
  state.entries.map((entry) => `${entry.request.workflowId} ${entry.state}`);

describe('what each event does', () => {
  const cases: {
    name: string;
    events: Happening[];
    open: string[];
    words: string[];
    history?: string[];
  }[] = [
    {
      name: 'a request waits to be registered',
      events: [submitted(requestOf('a'))],
      open: ['a queued'],
      words: [],
    },
    {
      name: 'a second one is told behind whom',
      events: [submitted(requestOf('a')), submitted(requestOf('b'))],
      open: ['a queued', 'b queued'],
      words: ['b: queued'],
    },
    {
      name: 'the same request twice is one',
      events: [submitted(requestOf('a')), submitted(requestOf('a'))],
      open: ['a queued'],
      words: [],
    },
    {
      name: 'registered, and ready at once where no approval is required',
      events: ready('a', '1'),
      open: ['a approved'],
      words: ['a: registered'],
    },
    {
      name: 'registered, and done where nothing is deployed',
      events: [submitted(requestOf('a', { deployTarget: 'none', approval })), ...registered('a', '1')],
      open: [],
      words: ['a: registered', 'a: finished'],
      history: ['1 registered'],
    },
    {
      name: 'registered without being asked changes nothing',
      events: [submitted(requestOf('a')), { type: 'registered', requestId: 'a/1', version: '1' }],
      open: ['a queued'],
      words: [],
    },
    {
      name: 'waits for a person',
      events: waiting('a', '1'),
      open: ['a awaiting-approval'],
      words: ['a: registered', 'a: awaiting-approval'],
    },
    {
      name: 'approved',
      events: [...waiting('a', '1'), verdict('a', true)],
      open: ['a approved'],
      words: ['a: registered', 'a: awaiting-approval'],
      history: ['1 approved by ada (seen it)'],
    },
    {
      name: 'rejected',
      events: [...waiting('a', '1'), verdict('a', false)],
      open: [],
      words: ['a: registered', 'a: awaiting-approval', 'a: finished'],
      history: ['1 rejected by ada (seen it)'],
    },
    {
      name: 'a decision that comes twice counts once',
      events: [...waiting('a', '1'), verdict('a', true), verdict('a', false)],
      open: ['a approved'],
      words: ['a: registered', 'a: awaiting-approval'],
      history: ['1 approved by ada (seen it)'],
    },
    {
      name: 'nobody decides in time',
      events: [...waiting('a', '1'), { type: 'approval-expired', requestId: 'a/1' }],
      open: [],
      words: ['a: registered', 'a: awaiting-approval', 'a: finished'],
      history: ['1 rejected (nobody approved or rejected it until 2026-01-01T01:02:00.000Z)'],
    },
    {
      name: 'an expiry that comes after the decision changes nothing',
      events: [...waiting('a', '1'), verdict('a', true), { type: 'approval-expired', requestId: 'a/1' }],
      open: ['a approved'],
      words: ['a: registered', 'a: awaiting-approval'],
      history: ['1 approved by ada (seen it)'],
    },
    {
      name: 'one that becomes ready while another deploys is told behind whom',
      events: [...ready('a', '1'), { type: 'deploying', id: 'a/1' }, ...ready('b', '2')],
      open: ['a deploying', 'b approved'],
      words: ['a: registered', 'a: deploying', 'b: registered', 'b: queued'],
    },
    {
      name: 'deployed',
      events: [
        ...ready('a', '1'),
        { type: 'deploying', id: 'a/1' },
        { type: 'deployed', requestId: 'a/1', endpoint: 'http://127.0.0.1:2' },
      ],
      open: [],
      words: ['a: registered', 'a: deploying', 'a: finished'],
      history: ['1 deployed by a'],
    },
    {
      name: 'sent back, because the champion changed',
      events: [
        ...ready('a', '1'),
        { type: 'deploying', id: 'a/1' },
        { type: 'champion-changed', requestId: 'a/1', championVersion: '7' },
      ],
      open: [],
      words: ['a: registered', 'a: deploying', 'a: champion-changed'],
    },
    {
      name: 'failed before it has a version',
      events: [
        submitted(requestOf('a')),
        { type: 'registering', requestId: 'a/1' },
        { type: 'failed', requestId: 'a/1', code: 'REGISTRY_CONFLICT', message: 'taken' },
      ],
      open: [],
      words: ['a: failed'],
    },
    {
      name: 'failed in its smoke test',
      events: [
        ...ready('a', '1'),
        { type: 'deploying', id: 'a/1' },
        { type: 'failed', requestId: 'a/1', code: 'SMOKE_TEST_FAILED', message: '3 rows differ' },
      ],
      open: [],
      words: ['a: registered', 'a: deploying', 'a: failed'],
      history: ['1 failed (SMOKE_TEST_FAILED: 3 rows differ)'],
    },
    {
      name: 'withdrawn while it waits: nobody is told',
      events: [...waiting('a', '1'), { type: 'withdrawn', requestId: 'a/1' }],
      open: [],
      words: ['a: registered', 'a: awaiting-approval'],
      history: ['1 withdrawn: its run was cancelled'],
    },
    {
      name: 'withdrawn while it is being registered: gone as soon as that is over',
      events: [
        submitted(requestOf('a')),
        { type: 'registering', requestId: 'a/1' },
        { type: 'withdrawn', requestId: 'a/1' },
        { type: 'registered', requestId: 'a/1', version: '1' },
      ],
      open: [],
      words: [],
      history: ['1 withdrawn: its run was cancelled'],
    },
    {
      name: 'withdrawn before it comes: it never comes',
      events: [{ type: 'withdrawn', requestId: 'a/1' }, submitted(requestOf('a'))],
      open: [],
      words: [],
    },
    {
      name: 'a deployment that has begun is not withdrawn',
      events: [...ready('a', '1'), { type: 'deploying', id: 'a/1' }, { type: 'withdrawn', requestId: 'a/1' }],
      open: ['a deploying'],
      words: ['a: registered', 'a: deploying'],
    },
    {
      name: 'a run that is gone releases nothing, even when its turn has come',
      events: [...ready('a', '1'), { type: 'deploying', id: 'a/1' }, { type: 'run-gone', requestId: 'a/1' }],
      open: [],
      words: ['a: registered', 'a: deploying'],
      history: ['1 withdrawn: its run is closed'],
    },
    {
      name: 'a new execution of the same run supersedes what its old one asked for',
      events: [...waiting('a', '1'), submitted(requestOf('a', { requestId: 'a/2' }))],
      open: ['a queued'],
      words: ['a: registered', 'a: awaiting-approval'],
      history: ['1 superseded by a/2'],
    },
  ];

  test.each(cases)('$name', ({ events, open, words, history = [] }) => {
    const result = after(events);
    expect(standing(result.state)).toEqual(open);
    expect(result.words).toEqual(words);
    expect(
      result.state.history.map(
        ({ version, event, by, why }) =>
          `${version} ${event}${by === undefined ? '' : ` by ${by}`}${why === undefined ? '' : ` (${why})`}`,
      ),
    ).toEqual(history);
    // What is carried across continue-as-new is read back by this schema.
    expect(ownerStateSchema.parse(JSON.parse(JSON.stringify(result.state)))).toEqual(result.state);
  });
});

describe('the order', () => {
  test('deployment is first come, first served by the moment of becoming ready, whoever asked first', () => {
    const { state } = after([
      submitted(requestOf('slow', { approval })),
      submitted(requestOf('quick')),
      ...registered('slow', '1'),
      ...registered('quick', '2'),
      verdict('slow', true),
    ]);
    expect(nextToDeploy(state)?.id).toBe('quick/1');
    expect(deployedBefore(state, 2)).toEqual(['quick']);
    const begun = after([{ type: 'deploying', id: 'quick/1' }], state).state;
    expect(nextToDeploy(begun)).toBeUndefined();
    const done = after([{ type: 'deployed', requestId: 'quick/1' }], begun).state;
    expect(nextToDeploy(done)?.id).toBe('slow/1');
  });

  test('a request that waits for a person blocks nobody', () => {
    const { state } = after([...waiting('a', '1'), ...ready('b', '2')]);
    expect(nextToDeploy(state)?.id).toBe('b/1');
  });

  test('versions are registered one at a time, in order of arrival', () => {
    const both = after([submitted(requestOf('a')), submitted(requestOf('b'))]).state;
    expect(nextToRegister(both)?.request.workflowId).toBe('a');
    const first = after([{ type: 'registering', requestId: 'a/1' }], both).state;
    expect(nextToRegister(first)).toBeUndefined();
    const second = after([{ type: 'registered', requestId: 'a/1', version: '1' }], first).state;
    expect(nextToRegister(second)?.request.workflowId).toBe('b');
  });

  test('a promotion stands in the same line, and goes first where only promotions go on', () => {
    const { state } = after([
      ...ready('a', '2'),
      {
        type: 'promotion-asked',
        promotionId: 'p',
        kind: 'rollback',
        promotion: promotionSchema.parse({ version: '1', by: 'ada' }),
      },
    ]);
    expect(nextToDeploy(state)?.id).toBe('a/1');
    expect(nextToDeploy(state, 'promotions')?.id).toBe('p');
    expect(deployedBefore(state, 3)).toEqual(['a', 'rollback of version 1 by ada']);
  });

  test('the approval that ends first is watched first', () => {
    const { state } = after([
      submitted(requestOf('late', { approval: { required: true, timeoutSeconds: 9000 } })),
      ...registered('late', '1'),
      ...waiting('early', '2'),
    ]);
    expect(nextToExpire(state)).toEqual({ requestId: 'early/1', until: '2026-01-01T01:05:00.000Z' });
  });
});

describe('the champion', () => {
  const deployed = after([
    ...ready('a', '1'),
    { type: 'deploying', id: 'a/1' },
    { type: 'deployed', requestId: 'a/1', endpoint: 'http://127.0.0.1:2' },
  ]).state;

  test('is shown with its endpoint', () => {
    expect(modelStatusOf(deployed).champion).toEqual({
      version: '1',
      since: '2026-01-01T00:04:00.000Z',
      endpoint: 'http://127.0.0.1:2',
    });
  });

  test.each([
    { seen: '1', champion: '1', event: 'deployed' },
    { seen: '9', champion: '9', event: 'found as champion in the registry' },
    { seen: null, champion: undefined, event: 'the alias champion was removed in the registry' },
  ])('seen in the registry as $seen', ({ seen, champion, event }) => {
    const { state } = after([{ type: 'champion-seen', version: seen }], deployed);
    expect(state.champion?.version).toBe(champion);
    expect(state.history[0]?.event).toBe(event);
  });

  test.each([
    { kind: 'promote' as const, done: true, champion: '5', event: 'promoted' },
    { kind: 'rollback' as const, done: true, champion: '5', event: 'rolled back' },
    { kind: 'rollback' as const, done: false, champion: '1', event: 'rollback failed' },
  ])('after a $kind (done: $done)', ({ kind, done, champion, event }) => {
    const promotion = promotionSchema.parse({ version: '5', by: 'ada', why: 'better' });
    const asked = after([{ type: 'promotion-asked', promotionId: 'p', kind, promotion }], deployed).state;
    const end: Happening = done
      ? { type: 'promoted', promotionId: 'p' }
      : { type: 'promotion-failed', promotionId: 'p', message: 'no' };
    const { state } = after([{ type: 'deploying', id: 'p' }, end], asked);
    expect(state.promotions).toEqual([]);
    expect(state.champion?.version).toBe(champion);
    expect(state.history[0]).toMatchObject({ version: '5', event, by: 'ada' });
  });
});

test('a finished request that is submitted again gets its last answer again', () => {
  const once = after([
    ...ready('a', '1'),
    { type: 'deploying', id: 'a/1' },
    { type: 'deployed', requestId: 'a/1' },
  ]);
  const again = after([submitted(requestOf('a'))], once.state);
  expect(again.told).toEqual([once.told.at(-1)]);
  expect(again.state).toEqual(once.state);
});

test('what is remembered is bounded, however many requests come', () => {
  const events = Array.from({ length: 150 }, (_, index): Happening[] => [
    ...waiting(`run-${index}`, String(index + 1)),
    verdict(`run-${index}`, false),
    { type: 'withdrawn', requestId: `never-${index}` },
  ]).flat();
  const { state } = after(events);
  expect(state.entries).toEqual([]);
  expect(state.finished).toHaveLength(REMEMBERED_REQUESTS);
  expect(state.withdrawnUnseen).toHaveLength(REMEMBERED_REQUESTS);
  expect(state.history).toHaveLength(REMEMBERED_HISTORY);
  expect(state.history[0]?.version).toBe('150');
});
