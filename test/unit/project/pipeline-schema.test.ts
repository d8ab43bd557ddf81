/** Catches: a fault of the file that is told without its place, or in the words of the schema library instead of the reader's. */
import { CANDIDATES, DATASET, HEAD, problemsOf, REST, SOURCES } from '../../support/pipeline-text';

/** One fault in an otherwise valid file → what is said of it. */
const faults: [string, string, string | RegExp][] = [
  ['nothing is a mapping', '- a\n', '1:1 : expected a mapping with'],
  ['an empty file', '', /^1:1 : expected a mapping.*found nothing|is missing/],
  ['a required section', HEAD + DATASET + CANDIDATES, '1:1 sources: is missing'],
  ['no sources', `${HEAD}sources: {}\n${DATASET}${CANDIDATES}`, '3:10 sources: name at least one source'],
  ['a key without a value', `${HEAD}owner:\n${REST}`, '3:7 owner: expected a text, found nothing'],
  [
    'no candidates',
    `${HEAD}${SOURCES}${DATASET}candidates: []\n`,
    '5:13 candidates: must have at least 1 entries',
  ],
  [
    'a bad choice',
    `${HEAD}${REST}deploy: { target: kubernets }\n`,
    '6:19 deploy.target: expected one of local, none, kubernetes, found the text "kubernets"; did you mean kubernetes?',
  ],
  ['a duration', `${HEAD}${REST}sla: 2 hours\n`, '6:6 sla: write a duration as a number with a unit'],
  ['a duration as a number', `${HEAD}${REST}sla: 7200\n`, '6:6 sla: expected a text, found the number 7200'],
  [
    'half a number',
    `${HEAD}${REST}split: { seed: 1.5 }\n`,
    '6:16 split.seed: expected a whole number, found the number 1.5',
  ],
  [
    'a bad key of a mapping',
    `${HEAD}sources: { "my source": { uri: x.csv } }\n${DATASET}${CANDIDATES}`,
    '3:12 sources.my source: use letters, digits and underscores',
  ],
  [
    'a range upside down',
    `${HEAD}${REST}quality: { columns: { x: { mean: [5, 1] } } }\n`,
    '6:34 quality.columns.x.mean: the lower bound is above',
  ],
  [
    'a range of one',
    `${HEAD}${REST}quality: { columns: { x: { mean: [5] } } }\n`,
    '6:34 quality.columns.x.mean: must have at least 2 entries',
  ],
  [
    'a number in quotes',
    `${HEAD}${REST}quality: { rows: { min: "10" } }\n`,
    'expected a whole number, found the text "10"',
  ],
  [
    'two bounds in a rule',
    `${HEAD}${REST}registry: { model: m }\nevaluation: { gate: [{ metric: roc_auc, min: 0.5, max: 0.9 }] }\n`,
    'evaluation.gate.0: give one of min, max, versusChampion',
  ],
  // Unions: only the alternative that was meant
  [
    'a trainer function without its name',
    `${HEAD}${SOURCES}${DATASET}candidates: [{ name: a, trainer: { python: train.py } }]\n`,
    '5:44 candidates.0.trainer.python: write FILE.py:FUNCTION (found the text "train.py")',
  ],
  [
    'a misspelt key of a trainer',
    `${HEAD}${SOURCES}${DATASET}candidates: [{ name: a, trainer: { pyton: train.py:fit } }]\n`,
    'candidates.0.trainer: the keys pyton fit none of the ways to write this; did you mean python?',
  ],
  [
    'a misspelt second key of a trainer',
    `${HEAD}${SOURCES}${DATASET}candidates: [{ name: a, trainer: { command: [python], requirement: r.txt } }]\n`,
    '5:55 candidates.0.trainer.requirement: unknown key; did you mean requirements?',
  ],
  [
    'a trainer that is a list',
    `${HEAD}${SOURCES}${DATASET}candidates: [{ name: a, trainer: [xgboost] }]\n`,
    'candidates.0.trainer: expected one of sklearn/logistic-regression',
  ],
  [
    'an approval',
    `${HEAD}${REST}registry: { model: m }\ndeploy: { approval: require }\n`,
    '7:21 deploy.approval: expected one of auto, required, found the text "require"; did you mean required?',
  ],
  [
    'an approval with a bad timeout',
    `${HEAD}${REST}registry: { model: m }\ndeploy: { approval: { mode: required, timeout: soon } }\n`,
    '7:48 deploy.approval.timeout: write a duration',
  ],
  [
    'a threshold',
    `${HEAD}${REST}evaluation: { threshold: { maximize: f1 } }\n`,
    'evaluation.threshold: the keys maximize fit none of the ways to write this; did you mean maximise?',
  ],
  [
    'a threshold of another kind',
    `${HEAD}${REST}evaluation: { threshold: 0.5 }\n`,
    'evaluation.threshold: expected a mapping with maximise',
  ],
];

test.each(faults)('%s', (_, text, expected) => {
  const problems = problemsOf(text);
  if (typeof expected === 'string') expect(problems).toContainEqual(expect.stringContaining(expected));
  else expect(problems.join('\n')).toMatch(expected);
});
