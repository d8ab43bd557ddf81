/**
 * Catches: a problem without its place, a problem that hides the others, a parameter that reaches the wrong place.
 */
import { readPipeline } from '../../../src/adapters/project/pipeline-reader';
import { DATASET, environment, HEAD, problemsOf, REST, SOURCES } from '../../support/pipeline-text';

test('the smallest file is complete', () => {
  const { spec, problems } = readPipeline(HEAD + REST, {}, environment);
  expect(problems).toEqual([]);
  expect(spec).toMatchObject({
    name: 'churn',
    split: { validation: 0.15, holdout: 0.2, seed: 42 },
    training: { timeout: 7200, parallel: 2, retries: { attempts: 3, initial: 10, max: 600 } },
    quality: { leakage: { maxAuc: 0.995 } },
    deploy: { target: 'local' },
  });
});

test('all problems come at once, each with its own place', () => {
  const text = `apiVersion: millrace/v1
name: Churn Model
sources:
  customers: { uri: data/c.csv, delimeter: ";" }
dataset: { key: id, lable: y, positive: "Yes" }
candidates:
  - name: a
    trainer: xgbost
  - name: b
    trainer: lightgbm
    parms: { num_leaves: 31 }
    resources: { cpu: 0, memory: 16GB }
split: { validation: 0.6, holdout: 0.5 }
trainning: {}
`;
  expect(problemsOf(text)).toEqual([
    expect.stringMatching(/^2:7 name: use lower-case letters.*found the text "Churn Model"/),
    '4:33 sources.customers.delimeter: unknown key; did you mean delimiter?',
    '5:21 dataset.lable: unknown key; did you mean label?',
    '13:8 split: validation and holdout leave nothing to train on',
    '8:14 candidates.0.trainer: expected one of sklearn/logistic-regression, sklearn/linear-svm, sklearn/random-forest, sklearn/ridge, xgboost, lightgbm, catboost, found the text "xgbost"; did you mean xgboost?',
    '12:23 candidates.1.resources.cpu: must be more than 0, found the number 0',
    expect.stringMatching(/^12:34 candidates\.1\.resources\.memory: write a size as Kubernetes does/),
    '11:5 candidates.1.parms: unknown key; did you mean params?',
    '14:1 trainning: unknown key; did you mean training?',
  ]);
});

test('what later versions will do is refused by its key, never ignored', () => {
  const text = `${HEAD}${REST}registry: { model: m }
deploy: { target: kubernetes }
`;
  const { problems } = readPipeline(text, {}, environment);
  expect(new Set(problems.map(({ code }) => code))).toEqual(new Set(['NOT_SUPPORTED_YET']));
  expect(problemsOf(text).map((line) => line.split(': ')[0])).toEqual(['7:11 deploy.target']);
});

describe('parameters', () => {
  const text = `${HEAD}params: { depth: { type: integer, default: 6 }, seed: { type: integer } }
${SOURCES}${DATASET}split: { seed: "{{ params.seed }}" }
candidates:
  - { name: a, trainer: xgboost, params: { max_depth: "{{ params.depth }}" } }
  - { name: b, trainer: { command: [python, train.py, --depth, "{{ params.depth }}", --fast, true] } }
`;

  test('take their types into the specification; a command gets texts', () => {
    const { spec, problems } = readPipeline(text, { seed: '7' }, environment);
    expect(problems).toEqual([]);
    expect(spec?.split.seed).toBe(7);
    expect(spec?.candidates[0]?.params).toEqual({ max_depth: 6 });
    expect(spec?.candidates[1]?.trainer).toMatchObject({
      command: ['python', 'train.py', '--depth', '6', '--fast', 'true'],
    });
  });

  test('one that is missing is told once, not again where it is used', () => {
    expect(problemsOf(text)).toEqual([
      '3:49 params.seed: seed has no default and the run gives none; add --param seed=1',
    ]);
  });

  test('a value of a type that does not fit its place is refused at that place', () => {
    const wrong = text.replace('seed: { type: integer }', 'seed: { type: string }');
    expect(problemsOf(wrong, { seed: 'x' })).toEqual([
      '6:16 split.seed: expected a whole number, found the text "x"',
    ]);
  });

  test('a declaration that is wrong is told, and the rest of the file as well', () => {
    const wrong = text.replace('type: integer, default: 6', 'type: int, default: 6') + 'sla: soon\n';
    expect(problemsOf(wrong, { seed: 1 })).toEqual([
      expect.stringContaining('params.depth is not declared'),
      expect.stringContaining('params.depth is not declared'),
      expect.stringContaining('params.depth.type: expected one of string, integer'),
      expect.stringContaining('sla: write a duration'),
    ]);
  });
});
