// Catches an owner that loses or repeats requests: a message that comes twice, late or in another order must never release a model twice,
// release one that nobody waits for, or let a run wait for an answer that never comes.
import {
  ownerStateSchema,
  REMEMBERED_HISTORY,
  REMEMBERED_REQUESTS,
} from '../../../src/contracts/release-state';
import { requestOf } from '../../support/release-requests';
import {
  after,
  approval,
  ready,
  registered,
  standing,
  submitted,
  verdict,
  waiting,
  type Happening,
} from './release-events';

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
