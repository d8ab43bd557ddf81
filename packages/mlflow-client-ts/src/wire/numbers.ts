import { z } from 'zod';

const notFinite = ['NaN', 'Infinity', '-Infinity'] as const;

/**
 * A protobuf `double` in JSON. JSON has no word for what is not finite, so protobuf writes it as one of three strings;
 * here it is a JavaScript number on the inside and that string on the outside, in both directions.
 */
export const double = z.codec(
  z.union([z.number(), z.enum(notFinite)]),
  z.custom<number>((value) => typeof value === 'number', 'expected a number'),
  {
    decode: Number,
    encode: (value) => (Number.isFinite(value) ? value : (String(value) as (typeof notFinite)[number])),
  },
);

/**
 * A protobuf integer. MLflow writes 64-bit integers as JSON numbers, protobuf's own mapping as strings: both are read. One
 * that a JavaScript number cannot hold exactly (beyond 2^53 - 1) is refused, never rounded.
 */
export const integer = z.codec(z.union([z.number(), z.string().regex(/^-?\d+$/)]), z.number().int(), {
  decode: Number,
  encode: (value) => value,
});
