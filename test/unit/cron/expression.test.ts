/** Catches: a cron expression that is read otherwise than Temporal's server reads it, and one that the server would refuse and `validate` takes. */
import { parseCron } from '../../../src/contracts/cron';
import { CANDIDATES, HEAD, problemsOf, REST } from '../../support/pipeline-text';

const fieldsOf = (text: string): object => {
  const parsed = parseCron(text);
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.fields;
};

test.each<[string, object]>([
  ['*/15 2 1,15 * *', { minute: [0, 15, 30, 45], hour: [2], dayOfMonth: [1, 15] }],
  ['5/20 1-5/2 * * *', { minute: [5, 25, 45], hour: [1, 3, 5] }],
  ['0 0 * jan-MAR sun,Wed', { month: [1, 2, 3], dayOfWeek: [0, 3] }],
  ['0 0 * * 5-7', { dayOfWeek: [0, 5, 6] }],
  ['@weekly', { minute: [0], hour: [0], dayOfWeek: [0] }],
  ['  0   3  * * *  ', { minute: [0], hour: [3] }],
])('%s', (text, fields) => {
  expect(fieldsOf(text)).toMatchObject(fields);
});

test.each<[string, RegExp]>([
  ['', /five fields/],
  ['* * *', /five fields/],
  ['0 0 1 * * 2027', /five fields/],
  ['@every 5m', /@every 5m is not known/],
  ['60 * * * *', /minute 60 lies outside 0 to 59/],
  ['0 0 0 * *', /day of the month 0 lies outside/],
  ['10-5 * * * *', /ends before it begins/],
  ['0 0 L * *', /day of the month L lies outside/],
  ['0 0 ? * *', /day of the month \? is not valid/],
  ['*/0 * * * *', /minute \*\/0 is not valid/],
  ['TZ=UTC 0 0 * * *', /five fields/],
])('%p is refused', (text, problem) => {
  const parsed = parseCron(text);
  expect('problem' in parsed && parsed.problem).toMatch(problem);
});

test.each<[string, string, string]>([
  ['a field', 'schedule: { cron: "61 * * * *" }', '6:19 schedule.cron: the minute 61 lies outside 0 to 59'],
  [
    'one of a list',
    'schedule: { cron: ["0 1 * * *", "0 25 * * *"] }',
    '6:33 schedule.cron.1: the hour 25 lies',
  ],
  [
    'a day that never comes',
    'schedule: { cron: "0 0 30 2 *" }',
    'schedule.cron: 0 0 30 2 * matches no day of any year',
  ],
  [
    'a time zone',
    'schedule: { cron: "@daily", timezone: Europe/Berln }',
    'schedule.timezone: there is no time zone Europe/Berln',
  ],
  [
    'its capitals',
    'schedule: { cron: "@daily", timezone: europe/berlin }',
    'write the time zone as Europe/Berlin',
  ],
  ['an offset', 'schedule: { cron: "@daily", timezone: "+02:00" }', 'there is no time zone +02:00'],
])('validate says where the schedule is wrong: %s', (_, schedule, said) => {
  expect(problemsOf(`${HEAD}${REST}${schedule}\n`).join('\n')).toContain(said);
});

test('a schedule that is right is no problem', () => {
  expect(CANDIDATES).not.toBe('');
  expect(
    problemsOf(`${HEAD}${REST}schedule: { cron: [ "0 2 * * 1-5", "@monthly" ], timezone: Europe/Berlin }\n`),
  ).toEqual([]);
});
