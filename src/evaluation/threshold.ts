/** The decision threshold of a two-class model, chosen on validation scores. */
import type { ThresholdRule } from '../contracts/pipeline-file';
import { accuracyOf, f1Of, precisionOf, recallOf, type BinaryConfusion } from './confusion';
import { rankScores } from './ranking';

/** A threshold and how well it serves its rule on the rows it was chosen on. */
export interface ThresholdChoice {
  /** A row is predicted positive when its score is at least this. */
  readonly threshold: number;
  /** What the rule maximises: f1, accuracy, Youden's J, recall or precision; `null` for a fixed threshold or without both classes. */
  readonly value: number | null;
  /**
   * False when the rule could not be met: no threshold reaches the precision or recall asked for (then the one with the most of
   * it is chosen), or the rows lack a class (then 0.5).
   */
  readonly satisfied: boolean;
}

/** Where nothing can be learnt from the rows. */
const NEUTRAL_THRESHOLD = 0.5;

/**
 * Chooses among the distinct scores, and one threshold above them all (nobody is predicted positive) where there is room below 1.
 * Of thresholds that serve the rule equally, the higher one wins, for it flags fewer rows; but of those that reach a precision or recall
 * asked for, first the one with more of that.
 *
 * @param scores probability of the positive class, one a row
 * @param labels 1 is positive
 */
export function chooseThreshold(
  rule: ThresholdRule,
  scores: Float64Array,
  labels: Uint8Array,
): ThresholdChoice {
  if ('fixed' in rule) return { threshold: rule.fixed, value: null, satisfied: true };
  const positives = labels.reduce((sum, label) => sum + label, 0);
  if (positives === 0 || positives === labels.length) {
    return { threshold: NEUTRAL_THRESHOLD, value: null, satisfied: false };
  }
  const aim = aimOf(rule);
  let best: Candidate | undefined;
  for (const { threshold, counts } of thresholds(scores, labels, positives)) {
    const reached = aim.reaches(counts);
    const ranks = reached ? aim.ranks(counts) : [aim.shortfall(counts), aim.value(counts) ?? 0];
    const candidate = { threshold, reached, ranks, value: aim.value(counts) };
    // Thresholds come in falling order: an equal one that comes later is lower, and loses.
    if (best === undefined || better(candidate, best)) best = candidate;
  }
  if (best === undefined) return { threshold: NEUTRAL_THRESHOLD, value: null, satisfied: false };
  return { threshold: best.threshold, value: best.value, satisfied: best.reached };
}

interface Candidate {
  readonly threshold: number;
  readonly reached: boolean;
  /** Compared one after the other; larger is better. */
  readonly ranks: readonly number[];
  readonly value: number | null;
}

/** What a rule asks for, as functions of the counts. Ranks are quotients of whole numbers, rounded alike when they are equal. */
interface Aim {
  readonly value: (counts: BinaryConfusion) => number | null;
  readonly ranks: (counts: BinaryConfusion) => readonly number[];
  readonly reaches: (counts: BinaryConfusion) => boolean;
  /** What is made as large as can be when nothing reaches the bound. */
  readonly shortfall: (counts: BinaryConfusion) => number;
}

function aimOf(rule: Exclude<ThresholdRule, { fixed: number }>): Aim {
  if ('precisionAtLeast' in rule) {
    const reaches = (counts: BinaryConfusion) => precisionOf(counts) >= rule.precisionAtLeast;
    return {
      value: recallOf,
      ranks: (counts) => [recallOf(counts), precisionOf(counts)],
      reaches,
      shortfall: precisionOf,
    };
  }
  if ('recallAtLeast' in rule) {
    const reaches = (counts: BinaryConfusion) => recallOf(counts) >= rule.recallAtLeast;
    return {
      value: precisionOf,
      ranks: (counts) => [precisionOf(counts), recallOf(counts)],
      reaches,
      shortfall: recallOf,
    };
  }
  const unbounded = { reaches: () => true, shortfall: () => 0 };
  switch (rule.maximise) {
    case 'f1':
      return { value: f1Of, ranks: (counts) => [f1Of(counts)], ...unbounded };
    case 'accuracy':
      return { value: accuracyOf, ranks: (counts) => [accuracyOf(counts) ?? 0], ...unbounded };
    case 'youden':
      return { value: youdenOf, ranks: (counts) => [exactYouden(counts)], ...unbounded };
  }
}

/** Youden's J (1950): true positive rate minus false positive rate, -1 to 1. */
function youdenOf(counts: BinaryConfusion): number {
  return recallOf(counts) - counts.falsePositives / (counts.falsePositives + counts.trueNegatives);
}

/** J times positives times negatives: a whole number, so that equal ones are equal. */
function exactYouden({
  truePositives,
  falsePositives,
  falseNegatives,
  trueNegatives,
}: BinaryConfusion): number {
  return truePositives * (falsePositives + trueNegatives) - falsePositives * (truePositives + falseNegatives);
}

function better(candidate: Candidate, best: Candidate): boolean {
  if (candidate.reached !== best.reached) return candidate.reached;
  for (const [index, rank] of candidate.ranks.entries()) {
    if (rank !== best.ranks[index]) return rank > (best.ranks[index] ?? -Infinity);
  }
  return false;
}

/** Every decision that the scores allow, by falling threshold. */
function* thresholds(
  scores: Float64Array,
  labels: Uint8Array,
  positives: number,
): Generator<{ threshold: number; counts: BinaryConfusion }> {
  const negatives = labels.length - positives;
  const { order, groupEnds } = rankScores(scores);
  const countsAt = (truePositives: number, falsePositives: number): BinaryConfusion => ({
    truePositives,
    falsePositives,
    falseNegatives: positives - truePositives,
    trueNegatives: negatives - falsePositives,
  });
  const highest = scores[order[0]!]!;
  const aboveAll = (highest + 1) / 2;
  if (aboveAll > highest) yield { threshold: aboveAll, counts: countsAt(0, 0) };
  let truePositives = 0;
  let position = 0;
  for (const end of groupEnds) {
    const threshold = scores[order[position]!]!;
    for (; position < end; position++) truePositives += labels[order[position]!]!;
    yield { threshold, counts: countsAt(truePositives, end - truePositives) };
  }
}
