/**
 * Catches: an apply that changes what is the same, overlooks a change in the file or one made in Temporal by hand, removes what it was not asked to, or
 * does not see what a crash has left half done.
 */
import type { Schedule, Trigger } from '../../../src/contracts/pipeline-file';
import { termsOf } from '../../../src/contracts/schedule-terms';
import { changes, planApply, type InForce, type Wanted } from '../../../src/client/apply/plan';
import { planLines } from '../../../src/client/apply/plan-lines';
import { styleOf } from '../../../src/client/render/style';
import type { Registration } from '../../../src/ports/registration-ledger';

const SCHEDULE: Schedule = { cron: '0 2 * * *', timezone: 'UTC', overlap: 'skip', catchUp: 10 };
const LATER: Schedule = { ...SCHEDULE, cron: '0 3 * * *', timezone: 'Europe/Berlin' };
const FILE: Trigger = {
  file: {
    path: 'in/*.csv',
    every: 10,
    timeout: 3600,
    stable: 5,
    data: 'replace',
    dedupe: 'content',
    after: 'keep',
  },
};

const terms = (schedule: Schedule) =>
  termsOf({ pipeline: 'churn', environment: 'local', schedule }, { type: 'scheduledRun', queue: 'q' });

function wanted(schedule?: Schedule, triggers: Trigger[] = [], file = 'pipelines/churn.yaml'): Wanted {
  return {
    registration: { pipeline: 'churn', file, triggers, sources: ['rows'], ...(schedule && { schedule }) },
    ...(schedule && { terms: terms(schedule) }),
  };
}

interface Found {
  readonly registered?: Schedule | null;
  readonly held?: Schedule;
  readonly triggers?: Trigger[];
  readonly paused?: string;
  readonly heldPaused?: string;
  readonly limits?: string;
  readonly inScope?: boolean;
}

/** `registered`: the schedule in the ledger, null for a registration without one, absent for none. `held`: the one in Temporal. */
function found({
  registered,
  held,
  triggers = [],
  paused,
  heldPaused,
  limits,
  inScope = true,
}: Found): InForce {
  const registration: Registration | undefined =
    registered === undefined
      ? undefined
      : {
          ...wanted(registered ?? undefined, triggers).registration,
          appliedAt: '2026-11-21T00:00:00Z',
          ...(paused !== undefined && { paused: { by: 'ada', note: paused, at: '2026-11-21T00:00:00Z' } }),
        };
  return {
    pipeline: 'churn',
    inScope,
    ...(registration && { registration }),
    ...(registered && { terms: terms(registered) }),
    ...(held && {
      schedule: {
        pipeline: 'churn',
        terms: { ...terms(held), ...(limits !== undefined && { limits }) },
        ...(heldPaused !== undefined && { paused: { note: heldPaused } }),
        next: [],
      },
    }),
  };
}

/** What → file, in force → action, and the fields that differ. */
const cases: [string, Wanted | undefined, InForce | undefined, string | undefined, string[]][] = [
  ['no start asked for, none in force', wanted(), undefined, undefined, []],
  ['new', wanted(SCHEDULE, [FILE]), undefined, 'create', ['file', 'schedule.cron', 'triggers[0]']],
  [
    'no jitter any more',
    wanted(SCHEDULE),
    found({ registered: { ...SCHEDULE, jitter: 300 }, held: { ...SCHEDULE, jitter: 300 } }),
    'change',
    ['schedule.jitter: 5m → null'],
  ],
  ['the same', wanted(SCHEDULE), found({ registered: SCHEDULE, held: SCHEDULE }), 'unchanged', []],
  [
    'triggers alone, the same',
    wanted(undefined, [FILE]),
    found({ registered: null, triggers: [FILE] }),
    'unchanged',
    [],
  ],
  [
    'another time in another zone',
    wanted(LATER),
    found({ registered: SCHEDULE, held: SCHEDULE }),
    'change',
    ['schedule.cron: 0 2 * * * → 0 3 * * *', 'schedule.timezone: UTC → Europe/Berlin'],
  ],
  [
    'a trigger more',
    wanted(SCHEDULE, [FILE]),
    found({ registered: SCHEDULE, held: SCHEDULE }),
    'change',
    ['triggers[0]'],
  ],
  [
    'the file moved',
    wanted(SCHEDULE, [], 'pipelines/a/churn.yaml'),
    found({ registered: SCHEDULE, held: SCHEDULE }),
    'change',
    ['file: pipelines/churn.yaml → pipelines/a/churn.yaml'],
  ],
  ['no start asked for any more', wanted(), found({ registered: SCHEDULE, held: SCHEDULE }), 'remove', []],
  [
    'no schedule any more, a trigger instead',
    wanted(undefined, [FILE]),
    found({ registered: SCHEDULE, held: SCHEDULE }),
    'change',
    ['schedule.cron: 0 2 * * * → null', 'triggers[0]'],
  ],
  [
    'deleted in Temporal',
    wanted(SCHEDULE),
    found({ registered: SCHEDULE }),
    'change',
    ['schedule.cron: null → 0 2 * * * (by hand)'],
  ],
  [
    'changed in Temporal',
    wanted(SCHEDULE),
    found({ registered: SCHEDULE, held: LATER }),
    'change',
    ['schedule.cron: 0 3 * * * → 0 2 * * * (by hand)', 'schedule.timezone: Europe/Berlin → UTC (by hand)'],
  ],
  [
    'limited in Temporal',
    wanted(SCHEDULE),
    found({ registered: SCHEDULE, held: SCHEDULE, limits: '3 starts left' }),
    'change',
    ['schedule.limits: 3 starts left → null (by hand)'],
  ],
  ['a crash before the registration', wanted(SCHEDULE), found({ held: SCHEDULE }), 'create', ['file']],
  [
    'a crash in a change',
    wanted(LATER),
    found({ registered: SCHEDULE, held: LATER }),
    'change',
    ['schedule.cron: 0 2 * * * → 0 3 * * *'],
  ],
  ['a crash in a removal', wanted(), found({ registered: SCHEDULE }), 'remove', []],
  [
    'paused',
    wanted(SCHEDULE),
    found({ registered: SCHEDULE, held: SCHEDULE, paused: 'why', heldPaused: 'why (ada)' }),
    'unchanged',
    [],
  ],
  [
    'paused in Temporal by hand',
    wanted(SCHEDULE),
    found({ registered: SCHEDULE, held: SCHEDULE, heldPaused: 'mine' }),
    'unchanged',
    [],
  ],
  [
    'a crash in a pause',
    wanted(SCHEDULE),
    found({ registered: SCHEDULE, held: SCHEDULE, paused: 'why' }),
    'change',
    ['schedule.paused: no → yes (by hand)'],
  ],
  ['no file', undefined, found({ registered: SCHEDULE, held: SCHEDULE }), 'left', []],
  ['no file, and no registration', undefined, found({ held: SCHEDULE }), 'left', []],
  [
    'no file in another folder',
    undefined,
    found({ registered: SCHEDULE, held: SCHEDULE, inScope: false }),
    undefined,
    [],
  ],
];

test.each(cases)('%s', (_, file, inForce, action, fields) => {
  const plan = planApply(file ? [file] : [], inForce ? [inForce] : [], { prune: false });
  expect(plan.map((entry) => entry.action)).toEqual(action === undefined ? [] : [action]);
  const told = (plan[0]?.differences ?? []).map(
    ({ field, from, to, byHand }) => `${field}: ${String(from)} → ${String(to)}${byHand ? ' (by hand)' : ''}`,
  );
  for (const field of fields) expect(told).toContainEqual(expect.stringContaining(field));
  if (fields.length === 0) expect(told).toEqual([]);
  // None of what is told looks the same before and after.
  for (const line of planLines(plan, styleOf(process.stdout, { NO_COLOR: '1' }), { dryRun: true }))
    expect(line).not.toMatch(/: (.+) → \1$/);
  expect(changes(plan)).toBe(action === 'create' || action === 'change' || action === 'remove');
});

test('--prune removes what has no file, and nothing else', () => {
  const held = { registered: SCHEDULE, held: SCHEDULE };
  const plan = (file: Wanted[], inScope: boolean) =>
    planApply(file, [found({ ...held, inScope })], { prune: true }).map(({ action }) => action);
  expect(plan([], true)).toEqual(['remove']);
  expect(plan([], false)).toEqual([]);
  expect(plan([wanted(SCHEDULE)], true)).toEqual(['unchanged']);
});
