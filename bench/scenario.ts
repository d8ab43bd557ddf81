/** What a benchmark is made of: scenarios, each of which measures figures, some of them against a limit. */

/** What a figure may be. */
export type Limit = { readonly atMost: number } | { readonly below: number } | { readonly atLeast: number };

/** One measured figure. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  /** `×` for a ratio; `s`, `ms`, `MB` (10⁶ bytes), `bytes`, `events`, `runs`, `1/s`. */
  readonly unit: string;
  /** Absent for a figure that only says how it is. */
  readonly limit?: Limit;
  /** What it was measured from, in a few words. */
  readonly note?: string;
}

/** What the command line says. */
export interface BenchOptions {
  /** Size of the generated CSV, in 10⁶ bytes. */
  readonly megabytes: number;
  /** How often each side of a comparison is measured. */
  readonly repetitions: number;
  /** A line of progress; never a result. */
  readonly say: (text: string) => void;
}

/** One benchmark, by name. It leaves nothing behind, whatever happens. */
export interface Scenario {
  readonly name: string;
  /** What it asks, in a sentence. */
  readonly question: string;
  /** @throws Error when something other than speed is wrong: runs that fail, sides that are not comparable. */
  run(options: BenchOptions): Promise<Figure[]>;
}

/** Whether a figure keeps its limit; undefined without one. A figure that is not a number keeps none. */
export function keepsLimit({ value, limit }: Figure): boolean | undefined {
  if (limit === undefined) return undefined;
  if ('atMost' in limit) return value <= limit.atMost;
  return 'below' in limit ? value < limit.below : value >= limit.atLeast;
}
