// Catches a partition that is lost, doubled or shifted where a month ends, a year leaps or a clock is changed, and a range that cannot be meant.
import { MOST_PARTITIONS, partitionsOf, type Every, type Partition } from '../../../src/contracts/backfill';
import { backfillRunIdFor } from '../../../src/contracts/ids';

const of = (from: string, to: string, every: Every, timezone = 'UTC'): Partition[] =>
  partitionsOf({ from, to, every, timezone });
const datesOf = (...range: Parameters<typeof of>): string[] =>
  of(...range).map(({ nominalDate }) => nominalDate);

test.each<[string, Parameters<typeof of>, string[]]>([
  [
    'days, the last one included, over the end of a month',
    ['2026-01-30', '2026-02-02', 'day'],
    ['2026-01-30T00:00:00Z', '2026-01-31T00:00:00Z', '2026-02-01T00:00:00Z', '2026-02-02T00:00:00Z'],
  ],
  ['one day', ['2026-01-30', '2026-01-30', 'day'], ['2026-01-30T00:00:00Z']],
  [
    'a leap day',
    ['2024-02-28', '2024-03-01', 'day'],
    ['2024-02-28T00:00:00Z', '2024-02-29T00:00:00Z', '2024-03-01T00:00:00Z'],
  ],
  [
    'months from the thirty-first: only those that begin within',
    ['2025-10-31', '2026-01-31', 'month'],
    ['2025-11-01T00:00:00Z', '2025-12-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  ],
  [
    'weeks begin on Monday',
    ['2026-01-01', '2026-01-19', 'week'],
    ['2026-01-05T00:00:00Z', '2026-01-12T00:00:00Z', '2026-01-19T00:00:00Z'],
  ],
  ['a week that begins on the first day', ['2026-01-05', '2026-01-11', 'week'], ['2026-01-05T00:00:00Z']],
  ['no month begins within', ['2026-01-02', '2026-01-31', 'month'], []],
  [
    'hours between two moments, both included',
    ['2026-01-01T22:00', '2026-01-02T00:00', 'hour'],
    ['2026-01-01T22:00:00Z', '2026-01-01T23:00:00Z', '2026-01-02T00:00:00Z'],
  ],
  [
    'a moment between two hours begins with the next',
    ['2026-01-01T22:30', '2026-01-01T23:59', 'hour'],
    ['2026-01-01T23:00:00Z'],
  ],
  [
    'moments with an offset of their own',
    ['2026-01-01T00:00:00+02:00', '2026-01-01T01:00:00+02:00', 'hour'],
    ['2025-12-31T22:00:00Z', '2025-12-31T23:00:00Z'],
  ],
  [
    'days of Berlin while the clocks go forward',
    ['2026-03-28', '2026-03-30', 'day', 'Europe/Berlin'],
    ['2026-03-28T00:00:00+01:00', '2026-03-29T00:00:00+01:00', '2026-03-30T00:00:00+02:00'],
  ],
  [
    'hours of Berlin while they go forward: there is no two o’clock',
    ['2026-03-29T01:00', '2026-03-29T03:00', 'hour', 'Europe/Berlin'],
    ['2026-03-29T01:00:00+01:00', '2026-03-29T03:00:00+02:00'],
  ],
  [
    'and while they go back: two o’clock comes twice',
    ['2026-10-25T01:00', '2026-10-25T03:00', 'hour', 'Europe/Berlin'],
    [
      '2026-10-25T01:00:00+02:00',
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:00:00+01:00',
      '2026-10-25T03:00:00+01:00',
    ],
  ],
  [
    'a day that has no midnight begins when it begins',
    ['2018-11-03', '2018-11-05', 'day', 'America/Sao_Paulo'],
    ['2018-11-03T00:00:00-03:00', '2018-11-04T01:00:00-02:00', '2018-11-05T00:00:00-02:00'],
  ],
  [
    'hours where the offset has three quarters',
    ['2026-01-01', '2026-01-01T01:00', 'hour', 'Asia/Kathmandu'],
    ['2026-01-01T00:00:00+05:45', '2026-01-01T01:00:00+05:45'],
  ],
  [
    'the times of a cron expression',
    ['2026-01-01', '2026-01-02', { cron: ['30 2,14 * * *'] }],
    ['2026-01-01T02:30:00Z', '2026-01-01T14:30:00Z', '2026-01-02T02:30:00Z', '2026-01-02T14:30:00Z'],
  ],
  [
    'of several, each time once, in the zone',
    ['2026-01-02', '2026-01-05', { cron: ['0 2 * * mon-fri', '0 2 5 JAN *'] }, 'America/New_York'],
    ['2026-01-02T02:00:00-05:00', '2026-01-05T02:00:00-05:00'],
  ],
  [
    'steps, Sunday as 7, and macros',
    ['2026-01-03', '2026-01-05', { cron: ['*/30 5 * * 7', '@daily'] }],
    [
      '2026-01-03T00:00:00Z',
      '2026-01-04T00:00:00Z',
      '2026-01-04T05:00:00Z',
      '2026-01-04T05:30:00Z',
      '2026-01-05T00:00:00Z',
    ],
  ],
  [
    'a cron time that the clocks jump over is left out',
    ['2026-03-28', '2026-03-30', { cron: ['30 2 * * *'] }, 'Europe/Berlin'],
    ['2026-03-28T02:30:00+01:00', '2026-03-30T02:30:00+02:00'],
  ],
])('%s', (_, range, expected) => {
  expect(datesOf(...range)).toEqual(expected);
});

test('the date of a partition is the day in its zone, also where it is another one in UTC', () => {
  expect(of('2026-07-01', '2026-07-01', 'day', 'Asia/Tokyo')).toEqual([
    { nominalDate: '2026-07-01T00:00:00+09:00', date: '2026-07-01' },
  ]);
  expect(of('2018-11-04', '2018-11-04', 'day', 'America/Sao_Paulo')[0]?.date).toBe('2018-11-04');
});

test('thousands, in order, each once: every day and hour of many years, with all their changes of clocks', () => {
  const days = of('1996-01-01', '2025-12-31', 'day', 'Europe/Berlin');
  expect(days).toHaveLength(10_958);
  expect(new Set(days.map(({ date }) => date)).size).toBe(10_958);
  expect(days.every(({ nominalDate }) => nominalDate.slice(11, 19) === '00:00:00')).toBe(true);
  const hours = of('2024-01-01', '2025-12-31', 'hour', 'Europe/Berlin');
  expect(hours).toHaveLength(731 * 24);
  const ids = new Set(hours.map(({ nominalDate }) => backfillRunIdFor('p', nominalDate)));
  expect(ids.size).toBe(hours.length);
});

test.each<[string, Parameters<typeof of>, RegExp]>([
  ['it ends before it begins', ['2026-02-02', '2026-02-01', 'day'], /ends before it begins/],
  ['no date', ['yesterday', '2026-02-01', 'day'], /--from takes a date/],
  ['a day that the calendar has not', ['2026-02-01', '2026-02-30', 'day'], /--to takes a date/],
  ['an hour that the day has not', ['2026-02-01T24:10', '2026-02-02', 'day'], /--from takes a date/],
  ['no time zone', ['2026-02-01', '2026-02-02', 'day', 'Mars/Olympus'], /time zone Mars/],
  ['a cron expression of six fields', ['2026-02-01', '2026-02-02', { cron: ['0 0 2 * * *'] }], /cron/],
  ['a cron hour that there is not', ['2026-02-01', '2026-02-02', { cron: ['0 24 * * *'] }], /cron/],
  ['a cron range that runs backwards', ['2026-02-01', '2026-02-02', { cron: ['0 5-2 * * *'] }], /cron/],
  ['a cron step of nothing', ['2026-02-01', '2026-02-02', { cron: ['*/0 * * * *'] }], /cron/],
  ['too many', ['1990-01-01', '2020-01-01', 'hour'], new RegExp(MOST_PARTITIONS.toLocaleString('en'))],
])('refused: %s', (_, range, message) => {
  expect(() => of(...range)).toThrow(message);
});

test('ids: equal instants are one run, whatever the offset; `all` runs under an id of its own', () => {
  expect(backfillRunIdFor('churn', '2026-01-31T00:00:00Z')).toBe('churn/backfill/2026-01-31');
  expect(backfillRunIdFor('churn', '2026-01-31T01:00:00+01:00')).toBe('churn/backfill/2026-01-31');
  expect(backfillRunIdFor('churn', '2026-01-31T00:00:00+01:00')).toBe('churn/backfill/2026-01-30T23:00Z');
  expect(backfillRunIdFor('churn', '2026-01-31T00:00:00Z', 'abc')).toBe('churn/backfill/2026-01-31/abc');
});
