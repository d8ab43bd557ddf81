// Catches example pipelines that no longer work as they lie in the repository: the demo that does not end in two deployed models, a model that is
// less accurate than is promised, a repeat that trains again, and the examples of a user's own code.
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunStatus } from '../../../src/contracts/runs';
import { CLI_TEST_MS, CliProject } from './cli-project';

jest.setTimeout(CLI_TEST_MS);

const REPOSITORY = join(__dirname, '..', '..', '..');
/** What `demo --json` prints for each example. */
type Shown = RunStatus & { readonly curl: string; readonly answer: string };

let project: CliProject;
beforeAll(async () => {
  project = await CliProject.create();
  for (const name of ['pipelines', 'millrace.yaml'])
    await cp(join(REPOSITORY, name), join(project.root, name), { recursive: true });
});
afterAll(() => project.remove());

/** Accuracy of the winner on the hold-out, read as a person would get at it. */
async function accuracyOf({ workflowId }: RunStatus): Promise<number> {
  const { path } = await project.json<{ path: string }>(0, 'artifacts', 'get', workflowId, 'holdout');
  const { challenger } = JSON.parse(readFileSync(path, 'utf8')) as {
    challenger: { metrics: Record<string, { value: number }> };
  };
  return challenger.metrics.accuracy?.value ?? NaN;
}

test('the demo deploys two models that answer, each the best of five; tweets are told with an accuracy above 0.85', async () => {
  const shown = await project.json<Shown[]>(0, 'demo');
  expect(shown.map(({ pipeline, outcome }) => [pipeline, outcome])).toEqual([
    ['tweets-sentiment', 'deployed'],
    ['telco-churn', 'deployed'],
  ]);
  for (const { candidates, answer, curl, report } of shown) {
    expect(candidates.map(({ state }) => state)).toEqual(['done', 'done', 'done', 'done', 'done']);
    expect(curl).toMatch(/^curl -s http:\/\/127\.0\.0\.1:\d+\/invocations /);
    expect(JSON.parse(answer)).toMatchObject({ predictions: expect.anything() as unknown });
    expect(readFileSync(report ?? '', 'utf8')).toContain('</html>');
  }
  expect(await accuracyOf(shown[0]!)).toBeGreaterThan(0.85);
});

test('the demo again: every step comes from the cache, and both models are the champions already', async () => {
  const shown = await project.json<Shown[]>(0, 'demo');
  expect(shown.map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
  for (const { candidates, answer } of shown) {
    expect(candidates.map(({ state }) => state)).toEqual(['cached', 'cached', 'cached', 'cached', 'cached']);
    expect(JSON.parse(answer)).toMatchObject({ predictions: expect.anything() as unknown });
  }
});

test.each(['own-function', 'own-script'])(
  '%s: the own code trains beside a reference trainer',
  async (name) => {
    const { out, code } = await project.millrace('run', name);
    expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/registered, winner/) as string });
    expect(out).toMatch(/✓ (ours|script-2) +roc_auc 0\.[78]\d+/);
  },
);

test('own-features: the own code makes a data set, and shows its log', async () => {
  const { out, code } = await project.millrace('run', 'own-features');
  expect({ code, out }).toEqual({ code: 0, out: expect.stringMatching(/published/) as string });
  const [run] = await project.json<{ workflowId: string }[]>(0, 'runs', '--pipeline', 'own-features');
  const log = await project.millrace('logs', run!.workflowId, 'features');
  expect({ code: log.code, out: log.out }).toEqual({
    code: 0,
    out: expect.stringMatching(/customers: \d+ rows[\s\S]*running features\.py:build/) as string,
  });
});
