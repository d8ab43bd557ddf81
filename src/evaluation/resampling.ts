/** Bootstrap resamples as row weights: rows drawn with replacement, or whole groups of rows. */
import { MillraceError } from '../contracts/errors';
import { randomFromSeed } from './random';
import type { RowWeights } from './predictions';

/** A stream of resamples. */
export interface Resampler {
  /** What is drawn: the count of rows, or of clusters. */
  readonly units: number;
  /** Overwrites the weights with the next resample: how often each row was drawn. */
  next(weights: RowWeights): void;
}

/**
 * Draws as many units as there are, with replacement (Efron 1979; whole clusters where rows of one depend on each other: Davison and
 * Hinkley 1997, section 3.8). The same seed gives the same resamples on every machine.
 *
 * @param rows how many rows
 * @param seed a whole number
 * @param clusters a cluster id for each row (any whole numbers): all rows of a cluster are drawn together
 * @throws MillraceError EVALUATION_FAILED when there is not one cluster id a row
 */
export function resampler(rows: number, seed: number, clusters?: Int32Array): Resampler {
  const random = randomFromSeed(seed);
  if (clusters === undefined) {
    return {
      units: rows,
      next(weights) {
        weights.fill(0);
        draw(random, rows, weights);
      },
    };
  }
  if (clusters.length !== rows) {
    throw new MillraceError(
      'EVALUATION_FAILED',
      `There are ${clusters.length} cluster ids for ${rows} rows.`,
      {
        mend: 'Give one cluster id a row.',
      },
    );
  }
  const { ids, count } = denseIds(clusters);
  const drawn = new Uint32Array(count);
  return {
    units: count,
    next(weights) {
      drawn.fill(0);
      draw(random, count, drawn);
      for (let row = 0; row < rows; row++) weights[row] = drawn[ids[row]!]!;
    },
  };
}

/**
 * Cuts rows ordered by time into blocks of about equal size, as clusters for a resample: rows near in time depend on each other. Rows
 * of one instant stay together, so there may be fewer blocks.
 *
 * @param times of each row, in any unit
 * @param blockCount how many blocks at most
 * @returns a block id for each row, 0 is the earliest
 */
export function timeBlocks(times: Float64Array, blockCount: number): Int32Array {
  const order = Uint32Array.from(times, (_, row) => row).sort((a, b) => times[a]! - times[b]! || a - b);
  const blocks = new Int32Array(times.length);
  order.forEach((row, position) => {
    const previous = order[position - 1];
    blocks[row] =
      previous !== undefined && times[previous] === times[row]
        ? blocks[previous]!
        : Math.floor((position * blockCount) / times.length);
  });
  return blocks;
}

/** The high part of the 64-bit product maps 32 random bits to a unit; its bias is below units / 2^32, and no number is thrown away. */
function draw(random: () => number, units: number, counts: Uint32Array): void {
  const scale = units / 2 ** 32;
  for (let index = 0; index < units; index++) counts[(random() * scale) >>> 0]! += 1;
}

function denseIds(clusters: Int32Array): { ids: Int32Array; count: number } {
  const seen = new Map<number, number>();
  const ids = clusters.map((cluster) => {
    const known = seen.get(cluster);
    if (known !== undefined) return known;
    seen.set(cluster, seen.size);
    return seen.size - 1;
  });
  return { ids, count: seen.size };
}
