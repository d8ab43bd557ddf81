/** `pause`, `unpause` and `next`: what is in force, and holding it. */
import { isoInZone, intervalBefore, startsAfter } from '../../contracts/cron';
import { MillraceError } from '../../contracts/errors';
import { namedUpstream, type Trigger } from '../../contracts/pipeline-file';
import type { Registration, RegistrationLedger } from '../../ports/registration-ledger';
import type { ScheduleInForce, ScheduleRegistry } from '../../ports/schedule-registry';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { table } from '../render/table';
import { userName } from '../user-name';
import { withSchedules } from './apply';

/** `millrace pause PIPELINE --note TEXT`: neither its schedule nor its triggers start it. Runs that are open go on. */
export async function pause(
  context: CommandContext,
  pipeline: string,
  { note, by = userName() }: { readonly note: string; readonly by?: string },
): Promise<number> {
  return withSchedules(context, async ({ ledger, registry }) => {
    if (!(await ledger.pauseRegistration(pipeline, { by, note }))) throw await notApplied(ledger, pipeline);
    const hasSchedule = await registry.setPaused(pipeline, true, `${note} (${by})`);
    context.output.result({ pipeline, paused: true, note, by }, [
      `Paused ${pipeline}: ${hasSchedule ? 'its schedule and its triggers start' : 'its triggers start'} nothing until \`millrace unpause ${pipeline}\`.`,
    ]);
    return EXIT.ok;
  });
}

/** `millrace unpause PIPELINE`, also of a pause that was set in Temporal by hand. */
export async function unpause(context: CommandContext, pipeline: string): Promise<number> {
  return withSchedules(context, async ({ ledger, registry }) => {
    if (!(await ledger.pauseRegistration(pipeline, undefined))) throw await notApplied(ledger, pipeline);
    await registry.setPaused(pipeline, false, `unpaused by ${userName()}`);
    context.output.result({ pipeline, paused: false }, [
      `${pipeline} starts by itself again. What its schedule missed is not made up for; files and objects that came meanwhile are taken now.`,
    ]);
    return EXIT.ok;
  });
}

async function notApplied(ledger: RegistrationLedger, pipeline: string): Promise<MillraceError> {
  const names = (await ledger.listRegistrations()).map((one) => one.pipeline);
  return new MillraceError('PIPELINE_NOT_FOUND', `Nothing of a pipeline ${pipeline} is in force.`, {
    where: pipeline,
    mend: `\`millrace apply\` puts schedules and triggers in force; in force ${names.length === 0 ? 'is nothing' : `are ${names.slice(0, 20).join(', ')}`}`,
  });
}

/** One coming start. */
interface ComingStart {
  readonly pipeline: string;
  readonly at: string;
  readonly atInZone: string;
  readonly timezone: string;
  /** Start of the interval that the run will be for. */
  readonly nominalDate: string;
}

/** What is in force of one pipeline, as `next` tells it. */
interface InForceView {
  readonly registration: Registration;
  readonly schedule: ScheduleInForce | undefined;
  readonly paused: string | undefined;
}

/** `millrace next [PIPELINE] [--count N]`: the coming starts, what the triggers listen to, and what is paused. */
export async function next(
  context: CommandContext,
  pipeline: string | undefined,
  { count }: { readonly count: number },
): Promise<number> {
  return withSchedules(context, async ({ ledger, registry }) => {
    const all = await ledger.listRegistrations();
    const registrations = all.filter((one) => pipeline === undefined || one.pipeline === pipeline);
    if (pipeline !== undefined && registrations.length === 0) throw await notApplied(ledger, pipeline);
    const views: InForceView[] = [];
    for (const registration of registrations) views.push(await viewOf(registry, registration));
    const starts = views.flatMap((view) => startsOf(view, count, new Date()));
    const coming = starts.sort((a, b) => (a.at < b.at ? -1 : 1)).slice(0, count);
    const triggers = views.flatMap(({ registration, paused }) =>
      registration.triggers.map((trigger) => ({
        pipeline: registration.pipeline,
        listensTo: listensTo(trigger),
        paused: paused !== undefined,
      })),
    );
    const paused = views.flatMap((view) =>
      view.paused === undefined ? [] : [{ pipeline: view.registration.pipeline, note: view.paused }],
    );
    const missing = views.flatMap(({ registration, schedule }) =>
      registration.schedule && !schedule ? [registration.pipeline] : [],
    );
    context.output.result({ starts: coming, triggers, paused, missing }, [
      ...table(
        ['start (UTC)', 'in its zone', 'pipeline', 'for the interval from'],
        coming.map((one) => [
          minute(one.at),
          `${minute(one.atInZone)} ${one.timezone}`,
          one.pipeline,
          one.nominalDate,
        ]),
      ),
      ...table(
        ['trigger of', 'listens to', ''],
        triggers.map((one) => [one.pipeline, one.listensTo, one.paused ? 'paused' : '']),
      ),
      ...table(
        ['paused', 'because'],
        paused.map((one) => [one.pipeline, one.note]),
      ),
      ...missing.map(
        (name) => `The schedule of ${name} is gone from Temporal; \`millrace apply\` brings it back.`,
      ),
      ...(views.length === 0
        ? ['Nothing is in force. `millrace apply` puts schedules and triggers in force.']
        : []),
    ]);
    return EXIT.ok;
  });
}

async function viewOf(registry: ScheduleRegistry, registration: Registration): Promise<InForceView> {
  const schedule = registration.schedule && (await registry.find(registration.pipeline));
  const by = registration.paused;
  const paused = by ? `${by.note} (${by.by}, ${by.at.slice(0, 16)}Z)` : schedule?.paused?.note;
  return { registration, schedule, paused };
}

/** Computed as the server does, without the random jitter; the server itself names ten at most. */
function startsOf({ registration, schedule, paused }: InForceView, count: number, now: Date): ComingStart[] {
  if (!registration.schedule || !schedule || paused !== undefined) return [];
  const { pipeline } = registration;
  const { timezone } = registration.schedule;
  const times = registration.schedule;
  return startsAfter(times, now, count).map((at) => ({
    pipeline,
    at: at.toISOString(),
    atInZone: isoInZone(at.getTime(), timezone),
    timezone,
    nominalDate: isoInZone(intervalBefore(times, at).start.getTime(), timezone),
  }));
}

function listensTo(trigger: Trigger): string {
  if ('file' in trigger) return `files ${trigger.file.path}`;
  if ('object' in trigger) return `objects ${trigger.object.uri}`;
  if ('kafka' in trigger) return `Kafka topic ${trigger.kafka.topic}`;
  const { list, references } = namedUpstream(trigger.upstream);
  const names = references.map((one) => ('pipeline' in one ? one.pipeline : `data set ${one.dataset}`));
  return `${list === undefined ? '' : `${list} of `}${names.join(', ')}`;
}

const minute = (iso: string): string => iso.slice(0, 16).replace('T', ' ');
