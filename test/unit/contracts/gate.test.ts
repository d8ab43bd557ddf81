/** Catches: a gate that opens for a model that chance carried over the bar, that was not measured, or that reads the direction wrong. */
import { decideGate, type GateEvidence } from '../../../src/contracts/gate';
import { gateRuleSchema } from '../../../src/contracts/pipeline-file';

type RuleInput = Parameters<typeof gateRuleSchema.parse>[0];
const interval = (value: number | null, lower = value, upper = value) => ({ value, lower, upper });

const evidence: GateEvidence = {
  challenger: {
    roc_auc: interval(0.84, 0.8, 0.88),
    log_loss: interval(0.4, 0.35, 0.45),
    f1: { value: 0.7, lower: null, upper: null },
    recall: interval(null),
    precision: interval(0.9, 0.79999, 0.95),
  },
  champion: { roc_auc: interval(0.83), log_loss: interval(0.41) },
  difference: {
    roc_auc: interval(0.01, -0.004, 0.02),
    log_loss: interval(-0.01, -0.03, 0.006),
    accuracy: { value: 0.1, lower: null, upper: null },
    f1: interval(null),
  },
  slices: {
    contract: {
      monthly: { rows: 900, metrics: { recall: interval(0.6, 0.55, 0.65) } },
      yearly: { rows: 300, metrics: { recall: interval(0.5, 0.42, 0.58) } },
      forever: { rows: 12, metrics: { recall: interval(0, 0, 0) } },
      paused: { rows: 40, metrics: { recall: interval(null) } },
      gone: { rows: 40, metrics: {} },
    },
  },
  business: { saved: 1200, lost: null },
};

function decide(rule: RuleInput, over: Partial<GateEvidence> = {}) {
  return decideGate([gateRuleSchema.parse(rule)], { ...evidence, ...over });
}

describe('one rule', () => {
  const table: [string, RuleInput, boolean, number | null, RegExp, Partial<GateEvidence>?][] = [
    [
      'the lower bound reaches min',
      { metric: 'roc_auc', min: 0.8 },
      true,
      0.8,
      /lower bound 0\.8: at least 0\.8/,
    ],
    [
      'only the value reaches min',
      { metric: 'roc_auc', min: 0.82 },
      false,
      0.8,
      /is 0\.84, .* 0\.8: not at least 0\.82/,
    ],
    [
      'the upper bound stays under max',
      { metric: 'log_loss', max: 0.45 },
      true,
      0.45,
      /upper bound 0\.45: at most/,
    ],
    ['only the value stays under max', { metric: 'log_loss', max: 0.42 }, false, 0.45, /not at most 0\.42/],
    [
      'a miss too small for four decimals is shown',
      { metric: 'precision', min: 0.8 },
      false,
      0.79999,
      /0\.79999: not at least 0\.8\./,
    ],
    ['no interval', { metric: 'f1', min: 0.1 }, false, null, /too few/],
    ['not defined', { metric: 'recall', min: 0.1 }, false, null, /not defined/],
    ['never measured', { metric: 'brier', max: 1 }, false, null, /not measured/],
    [
      'a business metric',
      { metric: 'saved', min: 1000 },
      true,
      1200,
      /saved on the hold-out is 1200: at least 1000/,
    ],
    ['a business metric too low', { metric: 'saved', min: 2000 }, false, 1200, /not at least 2000/],
    ['a business metric without a value', { metric: 'lost', min: 0 }, false, null, /not measured/],
    [
      'as good as the champion within the tolerance',
      { metric: 'roc_auc', versusChampion: { tolerance: 0.004 } },
      true,
      -0.004,
      /better than the champion's by 0\.01/,
    ],
    [
      'perhaps worse than the champion',
      { metric: 'roc_auc', versusChampion: { tolerance: 0.003 } },
      false,
      -0.004,
      /lower bound -0\.004: not at least -0\.003/,
    ],
    ['no tolerance', { metric: 'roc_auc', versusChampion: {} }, false, -0.004, /not at least 0\./],
    [
      'lower is better, within the tolerance',
      { metric: 'log_loss', versusChampion: { tolerance: 0.006 } },
      true,
      -0.006,
      /by 0\.01/,
    ],
    [
      'lower is better, perhaps worse',
      { metric: 'log_loss', versusChampion: { tolerance: 0.005 } },
      false,
      -0.006,
      /not at least/,
    ],
    [
      'no champion yet',
      { metric: 'roc_auc', versusChampion: {} },
      true,
      null,
      /no champion yet/,
      { champion: undefined, difference: undefined },
    ],
    [
      'a champion that cannot be compared',
      { metric: 'roc_auc', versusChampion: {} },
      false,
      null,
      /cannot be compared.*other label/,
      { champion: undefined, difference: undefined, notComparable: 'it has another label.' },
    ],
    [
      'a difference that was not measured',
      { metric: 'brier', versusChampion: {} },
      false,
      null,
      /not measured against/,
    ],
    [
      'a difference that is not defined',
      { metric: 'f1', versusChampion: {} },
      false,
      null,
      /not measured against/,
    ],
    ['a difference without interval', { metric: 'accuracy', versusChampion: {} }, false, null, /no interval/],
    [
      'a metric whose direction nobody knows',
      { metric: 'saved', versusChampion: {} },
      false,
      null,
      /not measured against/,
    ],
    [
      'a slice that was not measured',
      { metric: 'recall', slice: 'country', min: 0.1 },
      false,
      null,
      /not measured by country/,
    ],
  ];

  it.each(table.map((row) => ({ title: row[0], row })))(
    '$title',
    ({ row: [, rule, passed, observed, text, over] }) => {
      const decision = decide(rule, over);
      expect(decision.passed).toBe(passed);
      expect(decision.reasons).toHaveLength(1);
      expect(decision.reasons[0]).toMatchObject({
        passed,
        observed,
        text: expect.stringMatching(text) as string,
      });
    },
  );
});

it('judges every value of a slice, and says which it did not judge', () => {
  const decision = decide({ metric: 'recall', slice: 'contract', min: 0.5 });
  expect(decision.passed).toBe(false);
  expect(
    decision.reasons.map(({ passed, skipped, observed, text }) => [
      text.slice(0, 44),
      passed,
      skipped,
      observed,
    ]),
  ).toEqual([
    [expect.stringContaining('"forever"'), true, true, null],
    [expect.stringContaining('"gone"'), false, false, null],
    [expect.stringContaining('"monthly"'), true, false, 0.55],
    [expect.stringContaining('"paused"'), true, true, null],
    [expect.stringContaining('"yearly"'), false, false, 0.42],
  ]);
  expect(decision.reasons[0]!.text).toContain('12 rows are fewer than 30');
});

it('judges a small slice when the rule asks for fewer rows', () => {
  const decision = decide({ metric: 'recall', slice: 'contract', min: 0.4, minRows: 10 });
  expect(decision.reasons.find(({ text }) => text.includes('forever'))).toMatchObject({
    passed: false,
    skipped: false,
  });
});

it('gives every reason in the order of the rules, and fails when one fails', () => {
  const rules = [
    { metric: 'roc_auc', min: 0.9 },
    { metric: 'roc_auc', min: 0.7 },
    { metric: 'log_loss', max: 0.1 },
  ];
  const decision = decideGate(
    rules.map((rule) => gateRuleSchema.parse(rule)),
    evidence,
  );
  expect(decision.passed).toBe(false);
  expect(decision.reasons.map(({ passed }) => passed)).toEqual([false, true, false]);
});

it('lets everything pass without rules', () => {
  expect(decideGate([], evidence)).toEqual({ passed: true, reasons: [] });
});

it('refuses a rule that mixes slices and the champion', () => {
  expect(gateRuleSchema.safeParse({ metric: 'f1', slice: 'contract', versusChampion: {} }).success).toBe(
    false,
  );
});
