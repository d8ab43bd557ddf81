/** Catches numbers that change on the way: NaN that JSON turns into null, 64-bit integers that lose their last digits. */
import { z } from 'zod';
import { wire } from '../../src/index';
import { double, integer } from '../../src/wire/numbers';

it.each([
  [NaN, '"NaN"'],
  [Infinity, '"Infinity"'],
  [-Infinity, '"-Infinity"'],
  [0.1 + 0.2, '0.30000000000000004'],
  [-0.0, '0'],
  [5e-324, '5e-324'],
  [Number.MAX_VALUE, '1.7976931348623157e+308'],
])('writes the double %p as %s and reads it back', (value, text) => {
  const written = JSON.stringify(z.encode(double, value));
  expect(written).toBe(text);
  expect(z.decode(double, JSON.parse(written) as number)).toBe(value === 0 ? 0 : value);
});

it.each(['NotANumber', null, '1.5', true, {}])('refuses %p as a double', (value) => {
  expect(z.safeDecode(double, value as never).success).toBe(false);
});

it('reads 64-bit integers as numbers or texts, and refuses what a number cannot hold exactly', () => {
  expect(z.decode(integer, 1_790_000_000_123)).toBe(1_790_000_000_123);
  expect(z.decode(integer, '1790000000123')).toBe(1_790_000_000_123);
  expect(z.decode(integer, '-3')).toBe(-3);
  for (const value of ['9007199254740993', 9007199254740992, 1.5, '1e3', '', 'x']) {
    expect(z.safeDecode(integer, value).success).toBe(false);
  }
  expect(z.safeEncode(integer, 2 ** 60).success).toBe(false);
});

it('reads messages with fields it does not know yet, and refuses a field of the wrong type', () => {
  const run = { info: { run_id: 'a', status: 'RUNNING', start_time: 1 }, added_by_a_later_mlflow: { x: 1 } };
  expect(wire.Run.parse(run)).toEqual({ info: { run_id: 'a', status: 'RUNNING', start_time: 1 } });
  expect(wire.Run.safeParse({ info: { status: 'DANCING' } }).success).toBe(false);
  expect(wire.Metric.safeParse({ key: 'a', value: '1' }).success).toBe(false);
});
