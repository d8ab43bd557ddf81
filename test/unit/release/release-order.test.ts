// Catches an owner that deploys out of turn, lets a waiting person block others, or loses track of who is champion.
import { promotionSchema } from '../../../src/contracts/release';
import {
  deployedBefore,
  modelStatusOf,
  nextToDeploy,
  nextToExpire,
  nextToRegister,
} from '../../../src/contracts/release-state';
import { requestOf } from '../../support/release-requests';
import {
  after,
  approval,
  ready,
  registered,
  submitted,
  verdict,
  waiting,
  type Happening,
} from './release-events';

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
