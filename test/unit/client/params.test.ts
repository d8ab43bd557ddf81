/** Catches: a parameter of a run that is swallowed without a word because JavaScript has a use of its own for its name. */
import { parseParams } from '../../../src/client/commands/params';

test('every name is kept, whatever it is', () => {
  const given = parseParams(['__proto__=3', 'constructor=a=b', 'depth=']);
  expect(Object.entries(given)).toEqual([
    ['__proto__', '3'],
    ['constructor', 'a=b'],
    ['depth', ''],
  ]);
});

test.each([['constructor=1', 'constructor=2'], ['=1'], ['depth']])('refused: %s', (...texts) => {
  expect(() => parseParams(texts)).toThrow(expect.objectContaining({ code: 'USAGE' }) as Error);
});
