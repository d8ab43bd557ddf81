/** Catches: a file that is accepted although its sections contradict each other, and one that is refused although they do not. */
import { CANDIDATES, DATASET, HEAD, problemsOf, REST, SOURCES } from '../../support/pipeline-text';

/** One contradiction in a file whose sections are each valid → what is said of it. */
const faults: [string, string, string][] = [
  [
    'an unknown source',
    `${HEAD}${SOURCES}dataset: { from: custmers, label: y }\n${CANDIDATES}`,
    '4:18 dataset.from: no source is called custmers; did you mean customers?',
  ],
  [
    'which of two sources',
    `${HEAD}sources: { a: { uri: a.csv }, b: { uri: b.csv } }\ndataset: { label: y }\n${CANDIDATES}`,
    '4:1 dataset: which source? add from: (one of a, b)',
  ],
  [
    'from and sql',
    `${HEAD}${SOURCES}dataset: { from: customers, sql: SELECT 1, label: y }\n${CANDIDATES}`,
    '4:29 dataset.sql: give from or sql, not both',
  ],
  [
    'key and label in one',
    `${HEAD}${SOURCES}dataset: { key: y, label: y }\n${CANDIDATES}`,
    '4:17 dataset.key: key and label are the same column',
  ],
  [
    'a positive class of a regression',
    `${HEAD}${SOURCES}dataset: { label: y, positive: 1, task: regression }\n${CANDIDATES}`,
    'dataset.positive: positive is for binary tasks; this one is regression',
  ],
  [
    'the label as a feature',
    `${HEAD}${REST}features: { select: [age, churn] }\n`,
    '6:27 features.select.1: churn is the label: a feature would give the answer away',
  ],
  ['the key as a feature', `${HEAD}${REST}features: { select: [id] }\n`, 'features.select.0: id is the key'],
  [
    'a feature twice',
    `${HEAD}${REST}features: { select: [age, age] }\n`,
    'features.select.1: age is selected twice',
  ],
  [
    'a derived feature of the same name',
    `${HEAD}${REST}features: { select: [age], derive: { age: age + 1 } }\n`,
    '6:38 features.derive.age: age is selected as well',
  ],
  [
    'a text that is no feature',
    `${HEAD}${REST}features: { select: [review], text: [reviews] }\n`,
    'features.text.0: reviews is no feature: add it to select; did you mean review?',
  ],
  [
    'a joined name twice',
    `${HEAD}${REST}features: { pointInTime: [{ view: u.csv, entity: id, at: t, select: [n] }, { view: v.csv, entity: id, at: t, select: [n] }] }\n`,
    'features.pointInTime.1.select.0: n is joined twice; set prefix:',
  ],
  [
    'a split by a key that is not named',
    `${HEAD}${SOURCES}dataset: { label: y }\n${CANDIDATES}split: { by: key }\n`,
    'split.by: by: key needs dataset.key',
  ],
  [
    'a group that is not used',
    `${HEAD}${REST}split: { by: key, group: household }\n`,
    '6:19 split.group: group is not used with by: key',
  ],
  [
    'a split by the label',
    `${HEAD}${REST}split: { group: churn }\n`,
    'split.group: the label cannot be the group',
  ],
  [
    'rules that nothing passes',
    `${HEAD}${REST}quality: { rows: { min: 10, max: 5 } }\n`,
    'quality.rows.min: min 10 is above max 5',
  ],
  [
    'values that nothing passes',
    `${HEAD}${REST}quality: { columns: { x: { min: 10, max: 5 } } }\n`,
    'quality.columns.x.min: min 10 is above max 5',
  ],
  [
    'balance of a regression',
    `${HEAD}${SOURCES}dataset: { label: y, task: regression }\ncandidates: [{ name: a, trainer: sklearn/ridge }]\nquality: { balance: { min: 0.1 } }\n`,
    'quality.balance: balance compares classes',
  ],
  [
    'an unknown metric',
    `${HEAD}${REST}evaluation: { select: { metric: roc_acu } }\n`,
    'evaluation.select.metric: no metric is called roc_acu; did you mean roc_auc?',
  ],
  [
    'a metric of another task',
    `${HEAD}${REST}evaluation: { gate: [{ metric: rmse, max: 3 }] }\n`,
    'evaluation.gate.0.metric: rmse is not defined for binary; defined are accuracy, precision',
  ],
  [
    'a share in percent',
    `${HEAD}${REST}evaluation: { gate: [{ metric: accuracy, min: 85 }] }\n`,
    'evaluation.gate.0.min: accuracy lies between 0 and 1, so min: 85 decides nothing; did you mean 0.85?',
  ],
  [
    'a bound on the wrong side',
    `${HEAD}${REST}evaluation: { gate: [{ metric: log_loss, min: 0.3 }] }\n`,
    'evaluation.gate.0.min: a smaller log_loss is better, so min alone lets any bad model pass; did you mean max?',
  ],
  [
    'a champion without a registry',
    `${HEAD}${REST}evaluation: { gate: [{ metric: roc_auc, versusChampion: {} }] }\n`,
    'evaluation.gate.0.versusChampion: there is no champion without registry',
  ],
  [
    'a gate on a business metric',
    `${HEAD}${REST}evaluation: { business: { saved: sum(1) }, gate: [{ metric: saved, min: 1 }] }\n`,
    'evaluation.gate.0.metric: saved is a business metric',
  ],
  [
    'a business metric with a taken name',
    `${HEAD}${REST}evaluation: { business: { recall: sum(1) } }\n`,
    'evaluation.business.recall: recall is a metric of Millrace',
  ],
  [
    'a slice by the label',
    `${HEAD}${REST}evaluation: { slices: [churn] }\n`,
    'evaluation.slices.0: a slice by the label has one class only',
  ],
  [
    'a threshold of a regression',
    `${HEAD}${SOURCES}dataset: { label: y, task: regression }\ncandidates: [{ name: a, trainer: sklearn/ridge }]\nevaluation: { threshold: { fixed: 0.5 } }\n`,
    'evaluation.threshold: a threshold is for binary tasks; this one is regression',
  ],
  [
    'a trainer of another task',
    `${HEAD}${SOURCES}dataset: { label: y, task: regression }\ncandidates: [{ name: a, trainer: sklearn/logistic-regression }]\n`,
    'candidates.0.trainer: sklearn/logistic-regression is for binary and multiclass; this task is regression',
  ],
  [
    'deployment without a registry',
    `${HEAD}${REST}deploy: { target: local }\n`,
    'deploy.target: only a registered model can be deployed',
  ],
  [
    'approval without a registry',
    `${HEAD}${REST}deploy: { approval: required }\n`,
    '6:1 deploy: only a registered model can be deployed',
  ],
  [
    'an unknown channel',
    `${HEAD}${REST}notify: { failed: [consol] }\n`,
    'notify.failed.0: the environment has no channel consol; did you mean console?',
  ],
  [
    'a delimiter of a parquet file',
    `${HEAD}sources: { c: { uri: [a.parquet, b.parquet], delimiter: ";" } }\n${DATASET}${CANDIDATES}`,
    'sources.c.delimiter: delimiter is for CSV and TSV; this source is parquet',
  ],
  [
    'a source on the web',
    `${HEAD}sources: { c: { uri: "https://example.org/c.csv" } }\n${DATASET}${CANDIDATES}`,
    'sources.c.uri: https:// is not read; give a local path',
  ],
  [
    'a trigger that does not say which of two sources gets its files',
    `${HEAD}sources: { a: { uri: a.csv }, b: { uri: b.csv } }\ndataset: { from: a, label: y }\n${CANDIDATES}triggers: [{ file: { path: in/*.csv } }]\n`,
    'triggers.0.file: say which source gets the data: source: a or b',
  ],
  [
    'a trigger for an unknown source',
    `${HEAD}${REST}triggers: [{ object: { uri: "s3://raw/in/", source: custmers } }]\n`,
    'triggers.0.object.source: there is no source custmers; did you mean customers?',
  ],
  [
    'a function and SQL for one table',
    `${HEAD}${SOURCES}dataset: { sql: SELECT 1 }\npublish: { dataset: a }\nfeatures: { python: f.py:build }\n`,
    '4:12 dataset.sql: features.python makes the table: give one of them',
  ],
  [
    'one source for a function that gets all',
    `${HEAD}${SOURCES}dataset: { from: customers }\npublish: { dataset: a }\nfeatures: { python: f.py:build }\n`,
    'dataset.from: features.python gets all sources',
  ],
  [
    'features of a model in a data set',
    `${HEAD}${SOURCES}dataset: { key: id }\npublish: { dataset: a }\nfeatures: { python: f.py:build, select: [age] }\n`,
    'features.select: is for a pipeline that trains',
  ],
  [
    'a function without a key to join the label by',
    `${HEAD}${SOURCES}dataset: { label: y }\n${CANDIDATES}features: { python: f.py:build }\n`,
    'dataset: features.python needs a key: the function does not see the label',
  ],
  [
    'a function and no word which source has the label',
    `${HEAD}sources: { a: { uri: a.csv }, b: { uri: b.csv } }\ndataset: { key: id, label: y }\n${CANDIDATES}features: { python: f.py:build }\n`,
    'dataset: which source has the label? add from: (one of a, b)',
  ],
  [
    'a function without a name',
    `${HEAD}${SOURCES}dataset: { key: id }\npublish: { dataset: a }\nfeatures: { python: features.py }\n`,
    'features.python: write FILE.py:FUNCTION',
  ],
  [
    'a timeout of nothing for a function',
    `${HEAD}${SOURCES}dataset: { key: id }\npublish: { dataset: a }\nfeatures: { python: { function: f.py:build, timeout: 0s } }\n`,
    'features.python.timeout: no function can run in no time',
  ],
  [
    'a timeout of nothing',
    `${HEAD}${REST}training: { timeout: 0s }\n`,
    'training.timeout: no job can run in no time',
  ],
];

test.each(faults)('%s', (_, text, expected) => {
  expect(problemsOf(text)).toContainEqual(expect.stringContaining(expected));
});

test.each([
  `dataset: { key: id }\npublish: { dataset: a }\nfeatures: { python: f.py:build }\n`,
  `dataset: {}\npublish: { dataset: a }\nfeatures: { python: { function: lib/f.py:build, params: { deep: [1] }, include: [lib], resources: { memory: 1Gi }, timeout: 5m } }\n`,
  `dataset: { from: a, key: id, label: y }\n${CANDIDATES}features: { python: f.py:build, select: [x], derive: { z: x + 1 } }\n`,
])('a function that makes the table is permitted: %#', (rest) => {
  expect(problemsOf(`${HEAD}sources: { a: { uri: a.csv }, b: { uri: b.csv } }\n${rest}`)).toEqual([]);
});

test('an approval of nothing is refused: a run would register its model and ask nobody', () => {
  const text = `${HEAD}sources: { c: { uri: a.csv } }
dataset: { key: id, label: churn }
${CANDIDATES}registry: { model: churn }
deploy: { target: none, approval: required }
`;
  expect(problemsOf(text)).toEqual([expect.stringContaining('deploy.approval: nobody is asked')]);
});

test('what is permitted is not refused', () => {
  const text = `${HEAD}sources: { c: { uri: "file://data/c.csv", delimiter: ";" }, p: { uri: data/*.parquet } }
dataset: { sql: "SELECT * FROM c JOIN p USING (id)", key: id, label: churn }
features: { derive: { long: "length(note)" }, text: [note] }
${CANDIDATES}registry: { model: churn }
deploy: { target: local, approval: { mode: required, timeout: 3d } }
evaluation:
  threshold: { precisionAtLeast: 0.9 }
  gate: [{ metric: log_loss, max: 0.5 }, { metric: log_loss, min: 0.01 }, { metric: r2, min: -0.5 }]
notify: { failed: [console, file] }
`;
  expect(problemsOf(text)).toEqual([]);
});
