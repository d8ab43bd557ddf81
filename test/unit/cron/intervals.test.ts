/** Catches: a run that gets the date of another interval, at the ends of months, when clocks change, or when it is started late or by hand. */
import { intervalBefore, isoInZone, startsAfter } from '../../../src/contracts/cron';

const intervalOf = (cron: string | string[], timezone: string, at: string): string[] => {
  const { start, end } = intervalBefore({ cron, timezone }, new Date(at));
  return [isoInZone(start.getTime(), timezone), isoInZone(end.getTime(), timezone)];
};

test.each<[string, string | string[], string, string, string, string]>([
  ['on time', '0 2 * * *', 'UTC', '2026-11-21T02:00:00Z', '2026-11-20T02:00:00Z', '2026-11-21T02:00:00Z'],
  [
    'by hand in the afternoon',
    '0 2 * * *',
    'UTC',
    '2026-11-21T15:30:12Z',
    '2026-11-20T02:00:00Z',
    '2026-11-21T02:00:00Z',
  ],
  [
    'by hand a second before',
    '0 2 * * *',
    'UTC',
    '2026-11-21T01:59:59Z',
    '2026-11-19T02:00:00Z',
    '2026-11-20T02:00:00Z',
  ],
  ['each minute', '* * * * *', 'UTC', '2027-01-01T00:00:00Z', '2026-12-31T23:59:00Z', '2027-01-01T00:00:00Z'],
  [
    'the first of a month',
    '0 0 1 * *',
    'UTC',
    '2027-03-01T00:00:00Z',
    '2027-02-01T00:00:00Z',
    '2027-03-01T00:00:00Z',
  ],
  [
    'the 31st, which February lacks',
    '0 0 31 * *',
    'UTC',
    '2027-03-31T00:00:00Z',
    '2027-01-31T00:00:00Z',
    '2027-03-31T00:00:00Z',
  ],
  [
    'the leap day',
    '0 0 29 2 *',
    'UTC',
    '2028-02-29T00:00:00Z',
    '2024-02-29T00:00:00Z',
    '2028-02-29T00:00:00Z',
  ],
  [
    'Monday after a weekend',
    '0 6 * * 1-5',
    'UTC',
    '2026-11-23T06:00:00Z',
    '2026-11-20T06:00:00Z',
    '2026-11-23T06:00:00Z',
  ],
  [
    'of several expressions',
    ['0 2 * * *', '0 12 * * 6'],
    'UTC',
    '2026-11-22T02:00:00Z',
    '2026-11-21T12:00:00Z',
    '2026-11-22T02:00:00Z',
  ],
  [
    'a day in Berlin',
    '0 0 * * *',
    'Europe/Berlin',
    '2026-11-20T23:00:00Z',
    '2026-11-20T00:00:00+01:00',
    '2026-11-21T00:00:00+01:00',
  ],
  [
    'the day of 23 hours',
    '0 0 * * *',
    'Europe/Berlin',
    '2027-03-28T22:00:00Z',
    '2027-03-28T00:00:00+01:00',
    '2027-03-29T00:00:00+02:00',
  ],
  [
    'the day of 25 hours',
    '0 0 * * *',
    'Europe/Berlin',
    '2027-10-31T23:00:00Z',
    '2027-10-31T00:00:00+02:00',
    '2027-11-01T00:00:00+01:00',
  ],
  [
    'after a time that did not come',
    '30 2 * * *',
    'Europe/Berlin',
    '2027-03-29T00:30:00Z',
    '2027-03-27T02:30:00+01:00',
    '2027-03-29T02:30:00+02:00',
  ],
])('%s', (_, cron, timezone, at, start, end) => {
  expect(intervalOf(cron, timezone, at)).toEqual([start, end]);
});

test.each(['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe'])(
  'in %s each start is for the interval since the start before it: none is left out, none comes twice',
  (timezone) => {
    const times = { cron: ['15 */7 * * *', '0 12 31 * *'], timezone };
    for (const from of ['2027-03-10T00:00:00Z', '2027-10-01T00:00:00Z', '2027-10-25T00:00:00Z']) {
      const starts = startsAfter(times, new Date(from), 30);
      starts.slice(1).forEach((at, index) => {
        expect(intervalBefore(times, at)).toEqual({ start: starts[index], end: at });
      });
    }
  },
);
