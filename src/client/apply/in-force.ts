/** What is in force: the registrations in the ledger, and the schedules that Temporal holds. */
import { relative, resolve } from 'node:path';
import { isInside } from '../../adapters/project';
import { mapConcurrently } from '../../contracts/concurrency';
import type { Registration, RegistrationLedger } from '../../ports/registration-ledger';
import type { ScheduleRegistry } from '../../ports/schedule-registry';
import type { CommandContext } from '../context';
import type { InForce } from './plan';

/** Questions to the server at the same time. */
const AT_ONCE = 16;

/** Reads it for all pipelines that are registered, have a schedule, or are among `pipelines`. */
export async function readInForce(
  { project, environmentName }: Pick<CommandContext, 'project' | 'environmentName'>,
  { ledger, registry }: { readonly ledger: RegistrationLedger; readonly registry: ScheduleRegistry },
  pipelines: readonly string[],
  folder: string,
): Promise<InForce[]> {
  const registrations = new Map((await ledger.listRegistrations()).map((one) => [one.pipeline, one]));
  const scheduled = new Map((await registry.listPipelines()).map((one) => [one.pipeline, one.file]));
  const names = [...new Set([...pipelines, ...registrations.keys(), ...scheduled.keys()])];
  const inScope = (registration: Registration | undefined, file: string | undefined): boolean => {
    const from = registration?.file ?? file;
    return from === undefined
      ? relative(folder, project.pipelines) === ''
      : isInside(resolve(project.root, from), folder);
  };
  const all = await mapConcurrently(names, AT_ONCE, async (pipeline) => {
    const registration = registrations.get(pipeline);
    const schedule = await registry.find(pipeline);
    const applied = registration?.schedule;
    return {
      pipeline,
      inScope: inScope(registration, scheduled.get(pipeline)),
      ...(registration && { registration }),
      ...(applied && {
        terms: registry.termsOf({ pipeline, environment: environmentName, schedule: applied }),
      }),
      ...(schedule && { schedule }),
    };
  });
  return all.filter(({ registration, schedule }) => registration ?? schedule);
}
