/** Catches: a job that is tried too often, too early, or never again; failures of an earlier run that count against a retry. */
import { nextStep, type PastAttempt } from '../../../src/adapters/jobs/attempts/next-attempt';
import type { ErrorCode } from '../../../src/contracts/errors';

const MINUTE = 60_000;
const since = Date.parse('2026-01-01T00:00:00Z');
const policy = {
  maxAttempts: 4,
  retryInitialSeconds: 300,
  retryMaxSeconds: 900,
  since: '2026-01-01T00:00:00.000Z',
};

function failed(attempt: number, endedAtMs: number, code: ErrorCode = 'TRAINER_CRASHED'): PastAttempt {
  return { attempt, phase: 'failed', failure: { code, endedAtMs } };
}

const at = (minutes: number): number => since + minutes * MINUTE;

test.each<[string, PastAttempt[], number, object]>([
  ['nothing yet', [], 0, { kind: 'claim', attempt: 1 }],
  ['running', [{ attempt: 1, phase: 'running' }], 0, { kind: 'adopt', attempt: 1 }],
  ['succeeded', [failed(1, at(1)), { attempt: 2, phase: 'succeeded' }], 99, { kind: 'adopt', attempt: 2 }],
  ['claimed, never started', [{ attempt: 3, phase: 'pending' }], 0, { kind: 'start', attempt: 3 }],
  ['cancelled', [{ attempt: 1, phase: 'cancelled' }], 0, { kind: 'claim', attempt: 2 }],
  ['first pause', [failed(1, at(10))], 14, { kind: 'wait', attempt: 1, untilMs: at(15) }],
  ['first pause over', [failed(1, at(10))], 15, { kind: 'claim', attempt: 2 }],
  [
    'second pause doubles',
    [failed(1, at(0)), failed(2, at(10))],
    19,
    { kind: 'wait', attempt: 2, untilMs: at(20) },
  ],
  [
    'third pause is capped',
    [failed(1, at(0)), failed(2, at(1)), failed(3, at(10))],
    24,
    { kind: 'wait', attempt: 3, untilMs: at(25) },
  ],
  [
    'all attempts failed',
    [failed(1, at(0)), failed(2, at(1)), failed(3, at(2)), failed(4, at(3))],
    999,
    { kind: 'give-up', attempt: 4 },
  ],
  ['final failure', [failed(1, at(0), 'TRAINER_BAD_INPUT')], 999, { kind: 'give-up', attempt: 1 }],
  [
    'final failure of an earlier run',
    [failed(1, at(-1), 'TRAINER_BAD_INPUT')],
    0,
    { kind: 'claim', attempt: 2 },
  ],
  [
    'failures of an earlier run',
    [1, 2, 3, 4].map((n) => failed(n, at(-n))),
    0,
    { kind: 'claim', attempt: 5 },
  ],
  [
    'only failures of this run make the pause',
    [failed(1, at(-9)), failed(2, at(-8)), failed(3, at(0))],
    1,
    { kind: 'wait', attempt: 3, untilMs: at(5) },
  ],
  [
    'a cancelled attempt between failures does not count',
    [failed(1, at(0)), { attempt: 2, phase: 'cancelled' }, failed(3, at(10))],
    19,
    { kind: 'wait', attempt: 3, untilMs: at(20) },
  ],
])('%s', (_, attempts, nowMinutes, expected) => {
  expect(nextStep(attempts, policy, at(nowMinutes))).toEqual(expected);
});
