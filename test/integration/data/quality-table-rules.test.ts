/**
 * Catches: a quality rule about the whole table that passes data that breaks it, or breaks on data that keeps it; a count or a row that is not the right one; a
 * missing value that counts as a wrong one; a rule that is left out without a word.
 */
import type { RuleResult } from '../../../src/contracts/profile';
import { DataProject } from './data-project';
import { checkRules, writeTwentyRows, type Quality } from './twenty-rows';

jest.setTimeout(60_000);

let project: DataProject;
const check = (...given: Given): Promise<RuleResult[]> => checkRules(project, ...given);
type Given = Parameters<typeof checkRules> extends [unknown, ...infer Rest] ? Rest : never;

beforeAll(async () => {
  project = await DataProject.create();
  await writeTwentyRows(project);
});

afterAll(() => project.remove());

describe('of the table', () => {
  const open: Quality = { columns: {} };

  test.each<[string, Quality, Partial<RuleResult>]>([
    ['enough rows', { rows: { min: 20 } }, { rule: 'rows', passed: true, observed: '20 rows' }],
    [
      'too few rows',
      { rows: { min: 21, severity: 'warn' } },
      { passed: false, expected: 'at least 21 rows', observed: '20 rows' },
    ],
    [
      'too many rows',
      { rows: { max: 19, severity: 'warn' } },
      { passed: false, expected: 'at most 19 rows' },
    ],
    [
      'balance at the limit',
      { balance: { min: 1 / 3 } },
      { rule: 'balance', passed: true, observed: '33.3% (yes: 5 rows, no: 15 rows)' },
    ],
    [
      'balance below it',
      { balance: { min: 0.34, severity: 'warn' } },
      { passed: false, observed: '33.3% (yes: 5 rows, no: 15 rows)' },
    ],
    ['no duplicates', { duplicates: { max: 0 } }, { rule: 'duplicates', passed: true, count: 0 }],
  ])('%s', async (_name, quality, expected) => {
    expect(await check({ ...open, ...quality })).toMatchObject([expected]);
  });

  test('a closed schema names what nobody named; key and label are named already', async () => {
    const [rule] = await check({ schema: 'open' });
    expect(rule).toBeUndefined();
    const broken = project.validate({
      sources: { rows: { uri: 'rows.csv' } },
      dataset: { key: 'id', label: 'y' },
      quality: {
        schema: 'closed',
        columns: { v: {}, w: {}, kinds: { optional: true }, day: {}, at: {}, flag: {} },
      },
    });
    await expect(broken).rejects.toMatchObject({
      code: 'QUALITY_FAILED',
      message: expect.stringContaining('2 more: kind; did you mean kinds?, text') as string,
    });
    const all = { v: {}, w: {}, kind: {}, day: {}, at: {}, flag: {}, text: {} };
    expect(await check({ schema: 'closed', columns: all })).toMatchObject([{ rule: 'schema', passed: true }]);
  });

  test('duplicates in all columns but the key; without a key every repeat', async () => {
    await project.file('twice.csv', 'id,v,y\na,1,no\nb,1,no\nc,2,yes\nd,1,no\n');
    const keyed = await project.validate({
      sources: { rows: { uri: 'twice.csv' } },
      dataset: { key: 'id', label: 'y' },
      quality: { duplicates: { max: 0.4, severity: 'warn' } },
    });
    const [rule] = (await project.quality(keyed.quality)).rules;
    expect(rule).toMatchObject({ passed: false, observed: '50% (2 rows)', count: 2, share: 0.5 });
    expect(rule?.samples.map(({ row }) => row).sort()).toEqual(['a', 'b', 'd']);
    const keyless = await project.validate({
      sources: { rows: { uri: 'twice.csv' } },
      dataset: { label: 'y', sql: 'SELECT v, y FROM rows' },
      quality: { duplicates: { max: 0.5 } },
    });
    expect((await project.quality(keyless.quality)).rules).toMatchObject([
      { passed: true, count: 2, share: 0.5 },
    ]);
  });

  test('balance of several classes, and of a quantity', async () => {
    await project.file('three.csv', 'id,y\n1,a\n2,a\n3,a\n4,a\n5,b\n6,b\n7,c\n');
    const three = await project.validate({
      sources: { rows: { uri: 'three.csv' } },
      dataset: { key: 'id', label: 'y' },
      quality: { balance: { min: 0.25 } },
    });
    expect((await project.quality(three.quality)).rules).toMatchObject([
      { passed: true, observed: '25% (c: 1 row, a: 4 rows)' },
    ]);
    expect(
      await check({ balance: { min: 0.1, severity: 'warn' } }, { label: 'v', task: 'regression' }),
    ).toMatchObject([{ passed: false, observed: 'v is a quantity and has no classes' }]);
  });
});
