/**
 * Sides by a hash threshold. The place of a row in [0, 1) is the first 64 bits of SHA-256 over the seed and the text of its key (group, row id):
 * [0, holdout) is held out, [holdout, holdout + validation) validates, the rest trains. Nothing but the seed and that text decides, so a row stays
 * where it is whatever other rows come or go, and the hold-out does not depend on the share of validation.
 */
import type { Split } from '../../../contracts/pipeline-file';
import { quoteLiteral } from '../../../ports/table-engine';

/** Where the sides end, as 16 hexadecimal digits; compared as texts, which for equal lengths is comparing the numbers. */
export interface HashThresholds {
  readonly holdout: string;
  readonly validation: string;
}

/** The thresholds of a split's shares. */
export function hashThresholds(split: Pick<Split, 'holdout' | 'validation'>): HashThresholds {
  return {
    holdout: thresholdFor(split.holdout),
    validation: thresholdFor(split.holdout + split.validation),
  };
}

/** A share below 1 of the range of 64 bits. Scaling a double by a power of two is exact. */
function thresholdFor(share: number): string {
  return BigInt(Math.floor(share * 2 ** 64))
    .toString(16)
    .padStart(16, '0');
}

/**
 * SQL for the place of a row, as 16 hexadecimal digits. A missing value has one place too: such rows stay together.
 * @param identity SQL of what decides: the key, the group, the row id
 */
export function hashPlace(identity: string, seed: number): string {
  // The seed is digits, so the slash ends it: no seed and value give the text of another seed and value.
  return `substr(sha256(${quoteLiteral(`${seed}/`)} || coalesce(CAST(${identity} AS VARCHAR), '')), 1, 16)`;
}

/** SQL for the side of a place. */
export function hashSide(place: string, thresholds: HashThresholds): string {
  return `CASE WHEN ${place} < ${quoteLiteral(thresholds.holdout)} THEN 'holdout'
               WHEN ${place} < ${quoteLiteral(thresholds.validation)} THEN 'validation' ELSE 'train' END`;
}
