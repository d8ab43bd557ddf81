/** Random numbers that are the same on every machine: 32-bit integer arithmetic only, no library, no clock. */

/** A local name: this is called for every row of every resample, and a test runner's sandbox makes each look-up of a global dear. */
const { imul } = Math;

/** Gives the next number, a whole one from 0 to 2^32 - 1. */
export type RandomSource = () => number;

/**
 * xoshiro128** 1.1 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", ACM TOMS 47(4), 2021).
 *
 * @param state four 32-bit words, not all zero
 */
export function xoshiro128(state: readonly [number, number, number, number]): RandomSource {
  let [a, b, c, d] = state;
  return () => {
    const scrambled = imul(rotate(imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return scrambled;
  };
}

/**
 * The generator for a seed. Its state is filled by MurmurHash3's finaliser over a Weyl sequence (the 32-bit form of SplitMix, which the
 * authors advise), so that neighbouring seeds have nothing in common.
 *
 * @param seed a whole number; its lowest 32 bits count
 */
export function randomFromSeed(seed: number): RandomSource {
  const word = (index: number): number => mix((seed + imul(index, 0x9e3779b9)) | 0);
  return xoshiro128([word(1), word(2), word(3), word(4)]);
}

function mix(word: number): number {
  const first = imul(word ^ (word >>> 16), 0x85ebca6b);
  const second = imul(first ^ (first >>> 13), 0xc2b2ae35);
  return second ^ (second >>> 16);
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}
