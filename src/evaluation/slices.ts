/** Metrics of parts of the rows: one part for each value of a column. */
import type { MetricName } from '../contracts/metrics';
import { bootstrapIntervals, type BootstrapOptions, type MetricIntervals } from './bootstrap';
import { measureFor } from './measure';
import { selectRows, type Predictions } from './predictions';

/** The rows with one value, and their metrics. */
export interface Slice {
  readonly value: string;
  readonly rows: number;
  readonly metrics: MetricIntervals;
}

/** What measures how positives are found: 0 by convention where there is none, which would read as a failure of the model. */
const NEED_A_POSITIVE: ReadonlySet<MetricName> = new Set(['recall', 'f1', 'average_precision']);

/**
 * Measures each slice by itself, largest first (of equal ones, by value). In a slice without a positive row, recall, F1 and average precision
 * are `null` and not 0.
 *
 * @param values the column's value for each row
 * @param maximumSlices the smallest beyond this many are left out
 * @throws MillraceError EVALUATION_FAILED as `measureFor`
 */
export function measureSlices(
  predictions: Predictions,
  values: readonly string[],
  metrics: readonly MetricName[],
  options: BootstrapOptions,
  maximumSlices = 50,
): Slice[] {
  const rowsByValue = new Map<string, number[]>();
  values.forEach((value, row) => {
    const rows = rowsByValue.get(value);
    if (rows === undefined) rowsByValue.set(value, [row]);
    else rows.push(row);
  });
  return [...rowsByValue]
    .sort(([a, aRows], [b, bRows]) => bRows.length - aRows.length || (a < b ? -1 : 1))
    .slice(0, maximumSlices)
    .map(([value, rowList]) => {
      const rows = Int32Array.from(rowList);
      const part = selectRows(predictions, rows);
      const { clusters } = options;
      const intervals = bootstrapIntervals(measureFor(part, metrics), {
        ...options,
        clusters: clusters === undefined ? undefined : Int32Array.from(rows, (row) => clusters[row]!),
      });
      return { value, rows: rows.length, metrics: withoutEmptyPositives(part, intervals) };
    });
}

function withoutEmptyPositives(part: Predictions, intervals: MetricIntervals): MetricIntervals {
  if (part.task !== 'binary' || part.labels.includes(1)) return intervals;
  return Object.fromEntries(
    Object.entries(intervals).map(([name, interval]) =>
      NEED_A_POSITIVE.has(name as MetricName)
        ? [name, { ...interval, value: null, lower: null, upper: null }]
        : [name, interval],
    ),
  );
}
