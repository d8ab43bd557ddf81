/** Confidence intervals by the percentile bootstrap (Efron and Tibshirani 1993, chapter 13), of one model or of two on the same rows. */
import type { MetricName } from '../contracts/metrics';
import { MillraceError } from '../contracts/errors';
import type { Measure, MetricValues } from './measure';
import { quantileOfSorted } from './quantile';
import { resampler } from './resampling';

/** How to resample. */
export interface BootstrapOptions {
  /** How many resamples. */
  readonly resamples: number;
  /** Share of the interval, above 0 and below 1: 0.95 cuts 2.5 % off at each end. */
  readonly confidence: number;
  /** A whole number; the same seed gives the same interval on every machine. */
  readonly seed: number;
  /** A cluster id for each row, where whole groups or blocks of time are to be drawn. */
  readonly clusters?: Int32Array | undefined;
}

/** A metric with its interval. */
export interface MetricInterval {
  /** On the rows themselves; `null` where the metric is not defined on them. */
  readonly value: number | null;
  /**
   * `null` where there is no honest interval: fewer than two rows or clusters to draw from, or most of the resamples were skipped.
   */
  readonly lower: number | null;
  readonly upper: number | null;
  /** Resamples that were left out because the metric is not defined on them, or because they lack a class of a two-class label. */
  readonly skipped: number;
}

/** Intervals by metric name. */
export type MetricIntervals = Partial<Record<MetricName, MetricInterval>>;

/**
 * Intervals of all metrics of a measure, in one pass over the resamples. Each costs time in proportion to the rows.
 *
 * @throws MillraceError EVALUATION_FAILED when there is not one cluster id a row
 */
export function bootstrapIntervals(measured: Measure, options: BootstrapOptions): MetricIntervals {
  const samples = new Samples(measured.metrics, measured.values(), options);
  forEachResample(measured, options, (weights) =>
    samples.add(measured.lacksClass(weights) ? undefined : measured.values(weights)),
  );
  return samples.intervals();
}

/** Two models on the same rows. */
export interface PairedIntervals {
  readonly challenger: MetricIntervals;
  readonly champion: MetricIntervals;
  /** Challenger minus champion, in the metric's own unit: negative is better where lower is better. */
  readonly difference: MetricIntervals;
}

/**
 * Intervals of two models and of their difference, each resample taken from the same rows of both: what the rows have in common
 * cancels out, so that the interval of the difference is far narrower than those of the models suggest.
 *
 * @param challenger and `champion`: row `i` of both is the same row; metrics that only one of them measures are left out
 * @throws MillraceError EVALUATION_FAILED when they have different counts of rows, or there is not one cluster id a row
 */
export function pairedBootstrap(
  challenger: Measure,
  champion: Measure,
  options: BootstrapOptions,
): PairedIntervals {
  if (challenger.rows !== champion.rows) {
    throw new MillraceError(
      'EVALUATION_FAILED',
      `The models were scored on ${challenger.rows} and ${champion.rows} rows.`,
      {
        mend: 'Score both models on the same rows, in the same order.',
      },
    );
  }
  const metrics = challenger.metrics.filter((name) => champion.metrics.includes(name));
  const [ours, theirs] = [challenger.values(), champion.values()];
  const samples = {
    challenger: new Samples(metrics, ours, options),
    champion: new Samples(metrics, theirs, options),
    difference: new Samples(metrics, difference(metrics, ours, theirs), options),
  };
  forEachResample(challenger, options, (weights) => {
    // The labels are the same, so what one lacks the other lacks.
    const complete = !challenger.lacksClass(weights);
    const resampledOurs = complete ? challenger.values(weights) : undefined;
    const resampledTheirs = complete ? champion.values(weights) : undefined;
    samples.challenger.add(resampledOurs);
    samples.champion.add(resampledTheirs);
    samples.difference.add(
      resampledOurs && resampledTheirs && difference(metrics, resampledOurs, resampledTheirs),
    );
  });
  return {
    challenger: samples.challenger.intervals(),
    champion: samples.champion.intervals(),
    difference: samples.difference.intervals(),
  };
}

function forEachResample(
  measured: Measure,
  options: BootstrapOptions,
  visit: (weights: Uint32Array) => void,
): void {
  const source = resampler(measured.rows, options.seed, options.clusters);
  if (source.units < 2) return;
  const weights = new Uint32Array(measured.rows);
  for (let index = 0; index < options.resamples; index++) {
    source.next(weights);
    visit(weights);
  }
}

function difference(metrics: readonly MetricName[], ours: MetricValues, theirs: MetricValues): MetricValues {
  return Object.fromEntries(
    metrics.map((name) => {
      const [our, their] = [ours[name] ?? null, theirs[name] ?? null];
      return [name, our === null || their === null ? null : our - their];
    }),
  );
}

/** The values that each metric took, and how often it took none. */
class Samples {
  private readonly taken = new Map<MetricName, { values: Float64Array; count: number; skipped: number }>();

  constructor(
    metrics: readonly MetricName[],
    private readonly observed: MetricValues,
    private readonly options: BootstrapOptions,
  ) {
    for (const name of metrics) {
      this.taken.set(name, { values: new Float64Array(options.resamples), count: 0, skipped: 0 });
    }
  }

  /** Takes the values of one resample; nothing when all of it is to be skipped. */
  add(values: MetricValues | undefined): void {
    for (const [name, entry] of this.taken) {
      const value = values?.[name] ?? null;
      if (value === null) entry.skipped++;
      else entry.values[entry.count++] = value;
    }
  }

  intervals(): MetricIntervals {
    const tail = (1 - this.options.confidence) / 2;
    return Object.fromEntries(
      [...this.taken].map(([name, { values, count, skipped }]) => {
        const value = this.observed[name] ?? null;
        const sorted = values.subarray(0, count).sort();
        const honest = value !== null && count > 0 && count * 2 >= this.options.resamples;
        const [lower, upper] = honest
          ? [quantileOfSorted(sorted, tail), quantileOfSorted(sorted, 1 - tail)]
          : [null, null];
        return [name, { value, lower, upper, skipped }];
      }),
    );
  }
}
