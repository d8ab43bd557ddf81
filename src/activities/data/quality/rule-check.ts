/** A quality rule, ready to be checked. */
import type { RuleResult } from '../../../contracts/profile';

/** What was found of a rule. */
export type Finding = Pick<RuleResult, 'passed' | 'observed' | 'count' | 'share'>;

/** One rule and the way to check it. */
export interface RuleCheck extends Pick<RuleResult, 'rule' | 'column' | 'severity' | 'expected'> {
  /** SQL of a condition on rows; they are counted in the one pass over the data. */
  readonly counted?: string;
  /** SQL of a column whose repeated values are counted instead: all rows that have one. */
  readonly repeated?: string;
  /** SQL of a condition on rows that are shown when the rule is broken; {@link counted} unless given. */
  readonly shown?: string;
  /** SQL of the value that is shown of such a row. */
  readonly value?: string;
  /** Judges. `count` is the number of rows of {@link counted} or {@link repeated}, 0 without them. */
  readonly find: (count: number) => Finding;
}

/** `7.25%`, with three digits that mean something. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))}%`;
}

/** `1 row`, `2 rows`. */
export function rowCount(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`;
}

/** At most four significant digits more than a person needs. */
export function figure(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** A rule that no row may break. */
export function noneMay(of: number, what: (count: number) => string): (count: number) => Finding {
  return (count) => ({
    passed: count === 0,
    observed: count === 0 ? 'none' : what(count),
    count,
    share: of === 0 ? 0 : count / of,
  });
}

/** A rule about the column or table as a whole. */
export function whole(passed: boolean, observed: string): () => Finding {
  return () => ({ passed, observed, count: null, share: null });
}
