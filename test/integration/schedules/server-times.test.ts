/**
 * Catches: times of our own that are not the server's. `next`, the nominal dates and what `validate` takes stand and fall with them, above all on the days
 * on which clocks change, and at the ends of months.
 */
import { Client, Connection } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time';
import { parseCron, startsAfter, timeZoneProblem } from '../../../src/contracts/cron';
import { startDevServer, type DevServer } from '../../support/temporal';

jest.setTimeout(120_000);

let server: DevServer;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  server = await startDevServer();
  connection = await Connection.connect({ address: server.address });
  client = new Client({ connection, namespace: server.namespace });
});
afterAll(async () => {
  await connection.close();
  await server.stop();
});

let count = 0;
const create = (cron: readonly string[], timezone: string) =>
  client.schedule.create({
    scheduleId: `times-${String((count += 1))}`,
    spec: { cronExpressions: [...cron], timezone },
    action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
    state: { paused: true },
  });
/** The server's own list of times. */
async function timesOf(scheduleId: string, from: string, until: string): Promise<string[]> {
  const answer = await client.workflowService.listScheduleMatchingTimes({
    namespace: server.namespace,
    scheduleId,
    startTime: msNumberToTs(Date.parse(from)),
    endTime: msNumberToTs(Date.parse(until)),
  });
  return answer.startTime.map(({ seconds }) => new Date(Number(seconds) * 1000).toISOString());
}

/** Around both changes of clocks of 2027 in each of these zones, and the ends of months. */
const SPANS = [
  ['2027-03-27T00:00:00Z', '2027-03-29T06:00:00Z'],
  ['2027-10-30T00:00:00Z', '2027-11-01T06:00:00Z'],
  ['2027-03-12T20:00:00Z', '2027-03-16T06:00:00Z'],
  ['2027-11-05T20:00:00Z', '2027-11-08T12:00:00Z'],
  ['2027-01-30T00:00:00Z', '2027-03-02T00:00:00Z'],
] as const;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata'];
const CRONS = [
  ['30 2 * * *'],
  ['0 * * * *'],
  ['*/15 0-4 * * *'],
  ['59 23 28-31 * *'],
  ['0 0 13 * 5'],
  ['0 3 * * SUN', '5/20 1 1 */3 *'],
];

test.each(ZONES)('in %s our times are the server’s', async (timezone) => {
  for (const cron of CRONS) {
    const { scheduleId } = await create(cron, timezone);
    for (const [from, until] of SPANS) {
      const theirs = await timesOf(scheduleId, from, until);
      const ours = startsAfter({ cron, timezone }, new Date(from), theirs.length + 1).map((time) =>
        time.toISOString(),
      );
      expect({ cron, from, times: ours.filter((time) => time <= until.replace('Z', '.000Z')) }).toEqual({
        cron,
        from,
        times: theirs,
      });
    }
  }
});

test('nextActionTimes are ours', async () => {
  const cron = ['17 3,15 * * *'];
  const { info } = await (await create(cron, 'Europe/Berlin')).describe();
  const ours = startsAfter({ cron, timezone: 'Europe/Berlin' }, info.createdAt, info.nextActionTimes.length);
  expect(info.nextActionTimes.length).toBeGreaterThan(4);
  expect(info.nextActionTimes.map((time) => time.toISOString())).toEqual(
    ours.map((time) => time.toISOString()),
  );
});

test('what we refuse, the server refuses too', async () => {
  for (const cron of ['60 * * * *', '0 0 L * *', '* * *', '10-5 * * * *', '0 0 ? * *']) {
    expect(parseCron(cron)).toHaveProperty('problem');
    await expect(create([cron], 'UTC')).rejects.toThrow();
  }
  for (const zone of ['Nowhere/Land', 'europe/berlin', '+02:00']) {
    expect(timeZoneProblem(zone)).toBeDefined();
    await expect(create(['@daily'], zone)).rejects.toThrow();
  }
});
