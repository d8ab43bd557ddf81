/** Hunts: a stale result that is taken for the answer of changed code or data, and a change that repeats work which does not depend on it. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunStatus } from '../../src/contracts/runs';
import { FAULT_TEST_MS, FaultStack, STACK_START_MS } from '../support/faults/stack';

const PIPELINE = 'changing';
const DATA_STAGES = ['acquire', 'dataset', 'validate', 'features', 'split'] as const;

describe('what a run does again', () => {
  let stack: FaultStack;
  beforeAll(async () => {
    stack = await FaultStack.start();
    await stack.project.writePipeline(PIPELINE, [{ name: 'script' }], {
      candidates: [
        { name: 'script', trainer: { command: ['python', 'trainer.py', stack.project.notes] } },
        { name: 'own', trainer: { python: 'train.py:fit', requirements: 'requirements.txt' } },
      ],
    });
    await writeOwn({});
    expect(await again()).toEqual({ data: 'done', script: 'done', own: 'done', starts: [1, 1] });
  }, STACK_START_MS);
  afterAll(() => stack.stop(), STACK_START_MS);

  test(
    'nothing, when nothing has changed',
    async () => {
      expect(await again()).toEqual({ data: 'cached', script: 'cached', own: 'cached', starts: [0, 0] });
    },
    FAULT_TEST_MS,
  );

  test(
    'the one candidate whose train.py was changed, and what was changed back is found again',
    async () => {
      await writeOwn({ smoothing: 2 });
      expect(await again()).toEqual({ data: 'cached', script: 'cached', own: 'done', starts: [0, 1] });
      await writeOwn({});
      expect(await again()).toEqual({ data: 'cached', script: 'cached', own: 'cached', starts: [0, 0] });
    },
    FAULT_TEST_MS,
  );

  test(
    'the one candidate whose requirements lock to other packages',
    async () => {
      await writeOwn({ requirements: 'humanize==4.9.0\n' });
      expect(await again()).toEqual({ data: 'cached', script: 'cached', own: 'done', starts: [0, 1] });
      await writeOwn({});
    },
    FAULT_TEST_MS,
  );

  test(
    'everything that depends on a source file that was rewritten in place; and nothing when it has its bytes again',
    async () => {
      await stack.project.writeRows(2);
      expect(await again()).toEqual({ data: 'done', script: 'done', own: 'done', starts: [1, 1] });
      await stack.project.writeRows(1);
      expect(await again()).toEqual({ data: 'cached', script: 'cached', own: 'cached', starts: [0, 0] });
    },
    FAULT_TEST_MS,
  );

  /** Runs the pipeline up to the comparison: what was found, what was made, and how often each trainer was started for it. */
  async function again() {
    const { project, runs } = stack;
    await project.clearNotes();
    const status = await runs.run(PIPELINE, { until: 'compare' });
    expect(status).toMatchObject({ outcome: 'stopped' });
    const starts = [project.starts('script').length, project.starts('own').length];
    return { data: stateOfData(status), ...states(status), starts };
  }

  /** The user's own function: a nearest-mean classifier in NumPy, which notes that it was called. */
  async function writeOwn({ smoothing = 1, requirements = '# none\n' }): Promise<void> {
    const folder = stack.project.pipelineFolder(PIPELINE);
    const note = join(stack.project.notes, 'starts-own.jsonl');
    await writeFile(join(folder, 'requirements.txt'), requirements);
    await writeFile(
      join(folder, 'train.py'),
      `import numpy


class NearestMean:
    def __init__(self, low, high):
        self.low, self.high = low, high

    def predict_proba(self, frame):
        score = 1 / (1 + numpy.exp((self.high - self.low) / 2 + self.low - frame["signal"].to_numpy()))
        return numpy.column_stack([1 - score, score])


def fit(frame, labels, params):
    with open(${JSON.stringify(note)}, "a", encoding="utf-8") as file:
        file.write('{"candidate": "own", "pid": 0, "job": ""}\\n')
    means = [frame["signal"][labels == side].mean() / ${String(smoothing)} for side in (0, 1)]
    return NearestMean(*means)
`,
    );
  }
});

/** The one state that all stages before the training have; their states where they differ. */
function stateOfData({ stages }: RunStatus): string {
  const states = stages.filter(({ stage }) => (DATA_STAGES as readonly string[]).includes(stage));
  return [...new Set(states.map(({ state }) => state))].join(', ');
}

function states({ candidates }: RunStatus): Record<string, string> {
  return Object.fromEntries(
    candidates.map(({ name, state, error }) => [name, error ? `${error.code} ${error.message}` : state]),
  );
}
