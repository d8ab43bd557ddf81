/**
 * Catches: an apply that is not what the server holds in the words of its own CLI, that is not idempotent, changes something although a file is broken,
 * does not see what was changed or deleted by hand, forgets a pause, or leaves behind what has no file.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLedger } from '../../../src/adapters/ledger/open';
import { apply } from '../../../src/client/commands/apply';
import { next, pause, unpause } from '../../../src/client/commands/schedules';
import type { PlanEntry } from '../../../src/client/apply/plan';
import { ScheduleProject } from '../../support/schedules/schedule-project';
import { quietTemporal } from '../../support/temporal';

jest.setTimeout(120_000);
quietTemporal();

interface Applied {
  readonly dryRun: boolean;
  readonly pipelines: readonly PlanEntry[];
  readonly warnings?: readonly string[];
}
interface Described {
  readonly schedule: {
    readonly spec: {
      readonly structuredCalendar: { readonly comment?: string }[];
      readonly timezoneName?: string;
      readonly jitter?: string;
    };
    readonly action: {
      readonly startWorkflow: {
        readonly workflowType: { readonly name: string };
        readonly workflowId: string;
      };
    };
    readonly policies: { readonly overlapPolicy: string; readonly catchupWindow: string };
    readonly state: { readonly paused?: boolean; readonly notes?: string };
  };
}

let project: ScheduleProject;
beforeAll(async () => {
  project = await ScheduleProject.create();
  await project.write(
    'nightly',
    'schedule: { cron: "0 2 * * *", timezone: Europe/Berlin, jitter: 5m, overlap: bufferOne }',
  );
  await project.write('team/files', 'triggers: [{ file: { path: in/*.csv } }]');
  await project.write('plain', '');
});
afterAll(() => project.remove());

const applied = (options: Parameters<typeof apply>[2] = {}): Promise<Applied> =>
  project.type<Applied>((context) => apply(context, undefined, options));
const actions = async (options: Parameters<typeof apply>[2] = {}): Promise<Record<string, string>> =>
  Object.fromEntries((await applied(options)).pipelines.map(({ pipeline, action }) => [pipeline, action]));
const described = async (pipeline: string): Promise<Described> =>
  JSON.parse(
    await project.temporal(
      'schedule',
      'describe',
      '--schedule-id',
      `schedule/${pipeline}`,
      '--output',
      'json',
    ),
  ) as Described;
const isHeld = (pipeline: string): Promise<boolean> =>
  described(pipeline).then(
    () => true,
    () => false,
  );

test('from files to schedules, once: first shown, then made, then nothing is left to do', async () => {
  expect(await actions({ dryRun: true })).toEqual({ nightly: 'create', files: 'create' });
  expect(await isHeld('nightly')).toBe(false);
  expect(await actions()).toEqual({ nightly: 'create', files: 'create' });
  const { schedule } = await described('nightly');
  expect(schedule).toMatchObject({
    spec: { timezoneName: 'Europe/Berlin', jitter: '300s', structuredCalendar: [{ comment: '0 2 * * *' }] },
    action: { startWorkflow: { workflowType: { name: 'scheduledRun' }, workflowId: 'nightly/scheduled' } },
    policies: { catchupWindow: '10s' },
    state: { notes: 'applied from pipelines/nightly.yaml' },
  });
  expect(schedule.policies.overlapPolicy).toMatch(/buffer_?one/i);
  expect(await actions()).toEqual({ nightly: 'unchanged', files: 'unchanged' });
  expect(
    await project.temporal('schedule', 'list', '--query', "MillracePipeline = 'nightly'", '--output', 'json'),
  ).toContain('schedule/nightly');
});

test('a file that is broken, or that nothing would give its parameters, stops all before anything is changed', async () => {
  await project.write(
    'nightly',
    'schedule: { cron: "0 4 * * *", timezone: Europe/Berlin, jitter: 5m, overlap: bufferOne }',
  );
  await project.write('broken', 'schedule: { cron: "0 99 * * *" }');
  await project.write('unfilled', 'params: { depth: { type: integer } }\nschedule: { cron: "@daily" }');
  await project.write(
    'fed',
    'params: { date: { type: date } }\nschedule: { cron: "@daily" }\ntriggers: [{ file: { path: in/*.csv } }]',
  );
  const said = await applied().catch((error: unknown) => (error as Error).message);
  expect(said).toMatch(/fed\.yaml: a file or object trigger would start it .* date has no default/);
  expect(said).toMatch(/broken\.yaml:6:\d+ schedule\.cron: the hour 99/);
  expect(said).toMatch(
    /unfilled\.yaml: the schedule would start it without a parameter, as depth has no default/,
  );
  expect(said).not.toContain('--param');
  expect((await described('nightly')).schedule.spec.structuredCalendar[0]?.comment).toBe('0 2 * * *');
  await project.delete('broken');
  await project.delete('fed');
  await project.write('unfilled', 'params: { date: { type: date } }\nschedule: { cron: "@daily" }');
  expect(await actions()).toEqual({ nightly: 'change', files: 'unchanged', unfilled: 'create' });
  expect((await described('nightly')).schedule.spec.structuredCalendar[0]?.comment).toBe('0 4 * * *');
});

test('what was changed or deleted with the temporal command is seen and mended', async () => {
  await project.temporal('schedule', 'delete', '--schedule-id', 'schedule/unfilled');
  await project.temporal(
    ...[
      'schedule',
      'update',
      '--schedule-id',
      'schedule/nightly',
      '--cron',
      '5 5 * * * # 0 4 * * *',
      '--type',
      'somethingElse',
    ],
    ...['--task-queue', 'elsewhere', '--workflow-id', 'x', '--overlap-policy', 'AllowAll'],
  );
  const { pipelines } = await applied();
  const fields = (name: string): string[] =>
    pipelines
      .find(({ pipeline }) => pipeline === name)!
      .differences.map(({ field, byHand }) => `${field} ${String(byHand)}`);
  expect(fields('nightly')).toEqual(
    expect.arrayContaining([
      'schedule.cron true',
      'schedule.timezone true',
      'schedule.jitter true',
      'schedule.overlap true',
      'schedule.catchUp true',
      'schedule.starts true',
    ]),
  );
  expect(fields('unfilled')).toContain('schedule.cron true');
  expect((await described('nightly')).schedule).toMatchObject({
    spec: { timezoneName: 'Europe/Berlin', structuredCalendar: [{ comment: '0 4 * * *' }] },
    policies: { catchupWindow: '10s' },
  });
  expect(new Set(Object.values(await actions()))).toEqual(new Set(['unchanged']));
});

test('an apply that ended between the schedule and its registration is finished by the next', async () => {
  const ledger = await openLedger({
    projectRoot: project.root,
    environment: { ledger: { path: '.millrace/ledger.sqlite' } },
  });
  await ledger.removeRegistration('nightly');
  await ledger.close();
  expect(await actions()).toMatchObject({ nightly: 'create' });
  expect(new Set(Object.values(await actions()))).toEqual(new Set(['unchanged']));
});

test('a pause holds schedule and triggers, is told with its note, and outlives a change and a deletion', async () => {
  await project.type((context) =>
    pause(context, 'nightly', { note: 'the source is being moved', by: 'ada' }),
  );
  expect((await described('nightly')).schedule.state).toEqual({
    paused: true,
    notes: 'the source is being moved (ada)',
  });
  const told = await project.type<{
    starts: { pipeline: string }[];
    paused: { pipeline: string; note: string }[];
  }>((context) => next(context, undefined, { count: 5 }));
  expect(told.paused).toEqual([
    { pipeline: 'nightly', note: expect.stringContaining('the source is being moved (ada') as unknown },
  ]);
  expect(told.starts.map(({ pipeline }) => pipeline)).toEqual(Array(5).fill('unfilled'));

  await project.write('nightly', 'schedule: { cron: "0 6 * * *", timezone: Europe/Berlin }');
  expect(await actions()).toMatchObject({ nightly: 'change' });
  expect((await described('nightly')).schedule.state.paused).toBe(true);
  await project.temporal('schedule', 'delete', '--schedule-id', 'schedule/nightly');
  expect(await actions()).toMatchObject({ nightly: 'change' });
  expect((await described('nightly')).schedule.state.paused).toBe(true);

  await project.type((context) => unpause(context, 'nightly'));
  expect((await described('nightly')).schedule.state.paused ?? false).toBe(false);
  // A pause by somebody's hand is respected, and ended by the same word.
  const reason = 'by hand, on a Sunday';
  await project.temporal(
    ...['schedule', 'toggle', '--schedule-id', 'schedule/nightly', '--pause', '--reason', reason],
  );
  await project.write(
    'nightly',
    'schedule: { cron: "0 6 * * *", timezone: Europe/Berlin, overlap: allowAll }',
  );
  const [entry] = (await applied()).pipelines.filter(({ pipeline }) => pipeline === 'nightly');
  expect(entry).toMatchObject({ action: 'change', paused: reason });
  expect((await described('nightly')).schedule.state).toEqual({ paused: true, notes: reason });
  await project.type((context) => unpause(context, 'nightly'));
  expect((await described('nightly')).schedule.state.paused ?? false).toBe(false);
  await expect(project.type((context) => pause(context, 'plain', { note: 'x' }))).rejects.toMatchObject({
    code: 'PIPELINE_NOT_FOUND',
  });
});

test('next tells when, in both clocks, for which interval, and what triggers listen to', async () => {
  const told = await project.type<{
    starts: { pipeline: string; at: string; atInZone: string; nominalDate: string }[];
    triggers: object[];
  }>((context) => next(context, undefined, { count: 4 }));
  expect(told.triggers).toEqual([{ pipeline: 'files', listensTo: 'files in/*.csv', paused: false }]);
  const nightly = told.starts.filter(({ pipeline }) => pipeline === 'nightly');
  expect(nightly).toHaveLength(2);
  const { info } = await project.client.schedule.getHandle('schedule/nightly').describe();
  expect(nightly.map(({ at }) => at)).toEqual(
    info.nextActionTimes.slice(0, 2).map((time) => time.toISOString()),
  );
  for (const { at, atInZone, nominalDate } of nightly) {
    expect(atInZone.slice(11, 16)).toBe('06:00');
    expect(Date.parse(atInZone)).toBe(Date.parse(at));
    expect(nominalDate.slice(11, 16)).toBe('06:00');
    expect(Date.parse(nominalDate)).toBeLessThan(Date.parse(at));
  }
});

test('what has no file is named, and goes with --prune; a folder looks at its own alone', async () => {
  await project.delete('nightly');
  await project.delete('team/files');
  expect(await actions()).toEqual({ nightly: 'left', files: 'left', unfilled: 'unchanged' });
  const team = await project.type<Applied>((context) =>
    apply(context, `${project.root}/pipelines/team`, { prune: true }),
  );
  expect(team.pipelines).toEqual([expect.objectContaining({ pipeline: 'files', action: 'remove' })]);
  expect(await actions({ prune: true })).toEqual({ nightly: 'remove', unfilled: 'unchanged' });
  expect(await isHeld('nightly')).toBe(false);
  await project.write('unfilled', '');
  expect(await actions()).toEqual({ unfilled: 'remove' });
  expect(await isHeld('unfilled')).toBe(false);
  expect(await applied()).toEqual({ dryRun: false, pipelines: [] });
  await expect(project.type((context) => apply(context, '/tmp', {}))).rejects.toMatchObject({
    code: 'USAGE',
  });
});

test('upstream that no file of the project is, is told and applied all the same', async () => {
  await project.write(
    'hears',
    'triggers: [{ upstream: { any: [{ dataset: rows.cleen }, { pipeline: plain }] } }]\nwaitFor: [{ pipeline: plane }, { dataset: rows.clean }]',
  );
  await writeFile(
    join(project.root, 'pipelines', 'cleans.yaml'),
    'apiVersion: millrace/v1\nname: cleans\nsources: { rows: { uri: rows.csv } }\ndataset: { key: id }\npublish: { dataset: rows.clean }\n',
  );
  const { warnings, pipelines } = await applied();
  expect(warnings).toEqual([
    'hears starts upon the data set rows.cleen, which no pipeline file of the project publishes; did you mean rows.clean?',
    'hears waits for the pipeline plane, which the project does not have; did you mean plain?',
  ]);
  expect(pipelines.find(({ pipeline }) => pipeline === 'hears')?.action).toBe('create');
});
