/** Quality rules around what was seen, with slack. Pure. */
import type { ColumnFacts, PlainValue } from './table-facts';

/** Rules of one column in the words of the pipeline file. */
export interface ColumnRules {
  readonly type: ColumnFacts['type'];
  readonly unique?: true;
  readonly nulls: { readonly max: number };
  readonly min?: number;
  readonly max?: number;
  readonly allowed?: readonly PlainValue[];
}

/** Texts with more values than this are open: a new one is no fault. */
const MOST_ALLOWED = 20;

/** Rules that the file as it is keeps easily: half the range again on each side, half as many missing values again. */
export function rulesFor(column: ColumnFacts, rows: number, role: 'key' | 'label' | 'feature'): ColumnRules {
  const share = column.missing / rows;
  const nulls = role === 'feature' ? Math.min(1, roundUp(share * 1.5 + 0.01, 0.01)) : 0;
  return {
    type: column.type,
    ...(role === 'key' && { unique: true }),
    nulls: { max: nulls },
    ...(role === 'feature' && rangeOf(column)),
    ...(role !== 'key' && allowedOf(column)),
  };
}

function rangeOf({ type, min, max, distinct }: ColumnFacts): { min?: number; max?: number } {
  if (type !== 'integer' && type !== 'double') return {};
  if (typeof min !== 'number' || typeof max !== 'number' || !Number.isFinite(min) || !Number.isFinite(max))
    return {};
  // 0 and 1, or a code: a value outside is another thing altogether.
  if (type === 'integer' && distinct === max - min + 1 && distinct <= 10) return { min, max };
  const slack = (max - min) / 2 || Math.abs(max) / 2 || 1;
  const low = min >= 0 ? Math.max(0, min - slack) : min - slack;
  return { min: readable(low, Math.floor), max: readable(max + slack, Math.ceil) };
}

function allowedOf({ type, values, distinct }: ColumnFacts): { allowed?: PlainValue[] } {
  if (type !== 'string' || distinct === 0 || distinct > MOST_ALLOWED || values.length !== distinct) return {};
  const texts = values.map(({ value }) => value);
  // A rule is written into the file, where {{ begins a template.
  if (texts.some((text) => String(text).includes('{{') || String(text).length > 60)) return {};
  return { allowed: texts };
}

/** Two significant digits, rounded outwards: 118.75 + 50 % → 180. */
function readable(value: number, round: (value: number) => number): number {
  if (value === 0) return 0;
  const unit = 10 ** (Math.floor(Math.log10(Math.abs(value))) - 1);
  return exact(round(value / unit) * unit, unit);
}

/** The next multiple of `step` that is not below. */
export function roundUp(value: number, step: number): number {
  return exact(Math.ceil(value / step - 1e-9) * step, step);
}

/** Without the last digits that binary fractions add: 0.30000000000000004 → 0.3. */
function exact(value: number, unit: number): number {
  return Number(value.toFixed(Math.max(0, Math.ceil(-Math.log10(unit)))));
}
