/** Catches a run that `show` does not give its cause, its day or the runs before it, or gives one where a person started it by hand. */
import { causeLines } from '../../../src/client/render/run';
import type { RunStatus } from '../../../src/contracts/runs';

const status: RunStatus = {
  pipeline: 'p',
  workflowId: 'p/manual/1',
  runId: 'r',
  state: 'running',
  reasons: [],
  stages: [],
  candidates: [],
};

test('a cause is one line, with the runs before it and the day below', () => {
  expect(causeLines(status)).toEqual([]);
  expect(
    causeLines({
      ...status,
      nominalDate: '2026-11-20T02:00:00Z',
      cause: { kind: 'upstream', event: 'features published', reason: 'new rows', upstream: ['f/1', 'g/2'] },
    }),
  ).toEqual([
    '  started by upstream features published: new rows',
    '    after f/1',
    '    after g/2',
    '  for 2026-11-20T02:00:00Z',
  ]);
});
