/** The gate: whether the winner may replace what is in production. A pure function of the rules and of what was measured on the hold-out. */
import { describeMetric } from './metrics';
import type { GateRule } from './pipeline-file';
import type { HoldoutSummary, Interval } from './steps';

/** What the gate looks at: the hold-out's summary, and why the champion could not be compared, when it could not. */
export interface GateEvidence extends Pick<
  HoldoutSummary,
  'challenger' | 'champion' | 'difference' | 'slices' | 'business'
> {
  readonly notComparable?: string | undefined;
}

/** What one rule came to; a rule about a slice comes to one reason for each value of its column. */
export interface GateReason {
  readonly rule: GateRule;
  readonly passed: boolean;
  /** True where there was nothing to judge (no champion yet, a slice too small): passed, but not by merit. */
  readonly skipped: boolean;
  /** The number that was compared: a bound of the interval, or of the improvement over the champion. `null` when there is none. */
  readonly observed: number | null;
  /** The number it was compared with. */
  readonly bound: number;
  /** One sentence for a person. */
  readonly text: string;
}

/** The decision, with every reason and not only the first that failed. */
export interface GateDecision {
  readonly passed: boolean;
  readonly reasons: GateReason[];
}

/**
 * Judges every rule. `min` asks that the interval's lower bound reaches it, `max` that the upper bound does not pass it: chance alone
 * must not carry a model over the bar. `versusChampion` asks that the lower bound of the paired improvement, in the direction of
 * better, is at least minus the tolerance. What was not measured does not pass. Without rules everything passes.
 */
export function decideGate(rules: readonly GateRule[], evidence: GateEvidence): GateDecision {
  const reasons = rules.flatMap((rule) => judge(rule, evidence));
  return { passed: reasons.every((reason) => reason.passed), reasons };
}

function judge(rule: GateRule, evidence: GateEvidence): GateReason[] {
  if (rule.versusChampion !== undefined)
    return [judgeAgainstChampion(rule, rule.versusChampion.tolerance, evidence)];
  if (rule.slice !== undefined) return judgeSlices(rule, rule.slice, evidence);
  const interval = evidence.challenger[rule.metric];
  if (interval !== undefined) return [judgeInterval(rule, `${rule.metric} on the hold-out`, interval)];
  const business = evidence.business[rule.metric] ?? null;
  // A business metric is one number: it is its own interval.
  return [
    judgeInterval(rule, `${rule.metric} on the hold-out`, {
      value: business,
      lower: business,
      upper: business,
    }),
  ];
}

function judgeInterval(rule: GateRule, subject: string, interval: Interval): GateReason {
  const [side, bound] =
    rule.min !== undefined ? (['lower', rule.min] as const) : (['upper', rule.max ?? NaN] as const);
  const observed = interval[side];
  const failed = { rule, passed: false, skipped: false, observed, bound };
  if (interval.value === null)
    return { ...failed, text: `${subject} was not measured or is not defined there.` };
  if (observed === null) {
    return {
      ...failed,
      text: `${subject} is ${plain(interval.value)}, but there are too few rows or groups for an interval.`,
    };
  }
  const passed = side === 'lower' ? observed >= bound : observed <= bound;
  const [shown, limit] = tellApart(observed, bound);
  const demand = side === 'lower' ? 'at least' : 'at most';
  const measured =
    interval.lower === interval.upper
      ? `${subject} is ${shown}`
      : `${subject} is ${plain(interval.value)}, its interval's ${side} bound ${shown}`;
  return {
    rule,
    passed,
    skipped: false,
    observed,
    bound,
    text: passed ? `${measured}: ${demand} ${limit}, as asked.` : `${measured}: not ${demand} ${limit}.`,
  };
}

function judgeSlices(rule: GateRule, column: string, evidence: GateEvidence): GateReason[] {
  const bound = rule.min ?? rule.max ?? NaN;
  const slices = Object.entries(evidence.slices[column] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  if (slices.length === 0) {
    const text = `${rule.metric} was not measured by ${column}.`;
    return [{ rule, passed: false, skipped: false, observed: null, bound, text }];
  }
  return slices.map(([value, { rows, metrics }]) => {
    const subject = `${rule.metric} where ${column} is ${JSON.stringify(value)}`;
    const interval = metrics[rule.metric];
    const skipped = { rule, passed: true, skipped: true, observed: null, bound };
    if (rows < rule.minRows) {
      return { ...skipped, text: `${subject} was not judged: ${rows} rows are fewer than ${rule.minRows}.` };
    }
    if (interval?.value === null) {
      return { ...skipped, text: `${subject} was not judged: it is not defined on these ${rows} rows.` };
    }
    return judgeInterval(rule, subject, interval ?? { value: null, lower: null, upper: null });
  });
}

function judgeAgainstChampion(rule: GateRule, tolerance: number, evidence: GateEvidence): GateReason {
  const { metric } = rule;
  // `0 - x`, since a bound of -0 would be written "-0".
  const bound = 0 - tolerance;
  const failed = { rule, passed: false, skipped: false, observed: null, bound };
  if (evidence.notComparable !== undefined) {
    return { ...failed, text: `${metric} cannot be compared with the champion's: ${evidence.notComparable}` };
  }
  if (evidence.champion === undefined) {
    return {
      ...failed,
      passed: true,
      skipped: true,
      text: `${metric} has nothing to beat: no champion yet.`,
    };
  }
  const direction = describeMetric(metric)?.direction;
  const difference = evidence.difference?.[metric];
  if (direction === undefined || difference === undefined || difference.value === null) {
    return { ...failed, text: `${metric} was not measured against the champion.` };
  }
  const observed = direction === 'higher' ? difference.lower : negated(difference.upper);
  if (observed === null) {
    return {
      ...failed,
      text: `${metric} against the champion has no interval: there are too few rows or groups.`,
    };
  }
  const gain = direction === 'higher' ? difference.value : 0 - difference.value;
  const [shown, limit] = tellApart(observed, bound);
  const passed = observed >= bound;
  const measured = `${metric} is ${comparison(gain)}, the difference's lower bound ${shown}`;
  return {
    rule,
    passed,
    skipped: false,
    observed,
    bound,
    text: passed ? `${measured}: at least ${limit}, as asked.` : `${measured}: not at least ${limit}.`,
  };
}

function negated(value: number | null): number | null {
  return value === null ? null : 0 - value;
}

/** `better than the champion's by 0.01`, the right way round. */
function comparison(gain: number): string {
  const by = plain(Math.abs(gain));
  if (by === '0') return "as good as the champion's";
  return `${gain < 0 ? 'worse' : 'better'} than the champion's by ${by}`;
}

/** Four decimals, without trailing zeros. */
function plain(value: number, decimals = 4): string {
  const text = value.toFixed(decimals);
  return text.includes('.') ? text.replace(/\.?0+$/, '').replace(/^-0$/, '0') : text;
}

/** Both numbers with as many decimals as show that they differ: "0.8 is not at least 0.8" helps nobody. */
function tellApart(observed: number, bound: number): [string, string] {
  for (let decimals = 4; decimals <= 17; decimals++) {
    const texts: [string, string] = [plain(observed, decimals), plain(bound, decimals)];
    if (observed === bound || texts[0] !== texts[1]) return texts;
  }
  return [String(observed), String(bound)];
}
