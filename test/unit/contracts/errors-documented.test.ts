/**
 * Catches: a code that a user meets and finds no word about, a page that speaks of codes that are gone, and a page that promises a retry
 * that never comes.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ERRORS, isErrorCode, isMillraceError, MillraceError } from '../../../src/contracts/errors';

const page = readFileSync(path.join(__dirname, '../../../docs/errors.md'), 'utf8');
const rows = [...page.matchAll(/^\|\s*`([A-Z_]+)`\s*\|\s*(yes|no)\s*\|\s*(.+?)\s*\|\s*(.+?)\s*\|$/gm)].map(
  ([, code, retried, meaning, mend]) => ({
    code: code ?? '',
    retried: retried === 'yes',
    meaning: meaning ?? '',
    mend: mend ?? '',
  }),
);

test('the page and the list name the same codes, each once', () => {
  expect(rows.map(({ code }) => code).sort()).toEqual(Object.keys(ERRORS).sort());
});

test.each(rows)('$code is retried as the page says', ({ code, retried }) => {
  expect(isErrorCode(code) && ERRORS[code].retryable).toBe(retried);
});

test('every code says what to do', () => {
  expect(rows.filter(({ mend }) => mend.length < 10)).toEqual([]);
});

test('an error is told by its shape and describes itself with place and mend', () => {
  const error = new MillraceError('SOURCE_EMPTY', 'customers has no rows', {
    where: 'data/a.csv',
    mend: 'deliver the data',
  });
  expect(isMillraceError(error)).toBe(true);
  expect(
    isMillraceError(Object.assign(new Error('x'), { name: 'MillraceError', code: 'NO_SUCH_CODE' })),
  ).toBe(false);
  expect(error.retryable).toBe(false);
  expect(error.describe()).toBe('SOURCE_EMPTY: customers has no rows\n  at data/a.csv\n  deliver the data');
});
