/** Makes a plan true. Each step may be repeated: what a crash leaves half done the next `apply` finds and finishes. */
import type { RegistrationLedger } from '../../ports/registration-ledger';
import type { ScheduleRegistry } from '../../ports/schedule-registry';
import type { InForce, PlanEntry, Wanted } from './plan';

/** Where it takes effect. */
export interface Places {
  readonly ledger: RegistrationLedger;
  readonly registry: ScheduleRegistry;
  readonly environment: string;
}

/** Creates, changes and removes what the plan says. @throws TEMPORAL_UNAVAILABLE, LEDGER_UNAVAILABLE: apply again. */
export async function carryOut(
  places: Places,
  plan: readonly PlanEntry[],
  wanted: readonly Wanted[],
  inForce: readonly InForce[],
): Promise<void> {
  for (const { pipeline, action } of plan) {
    const found = inForce.find((one) => one.pipeline === pipeline);
    const target = wanted.find(({ registration }) => registration.pipeline === pipeline);
    if (action === 'remove') await remove(places, pipeline);
    else if ((action === 'create' || action === 'change') && target) await put(places, target, found);
  }
}

/** The registration last: until it is there, or gone, the next apply sees that something is left to do. */
async function put(
  { ledger, registry, environment }: Places,
  { registration }: Wanted,
  found?: InForce,
): Promise<void> {
  const { pipeline, file, schedule } = registration;
  const paused = found?.registration?.paused;
  if (schedule) await registry.put({ pipeline, environment, schedule, file, ...(paused && { paused }) });
  else if (found?.schedule) await registry.remove(pipeline);
  await ledger.putRegistration({ ...registration, appliedAt: new Date().toISOString() });
}

async function remove({ ledger, registry }: Places, pipeline: string): Promise<void> {
  await registry.remove(pipeline);
  await ledger.removeRegistration(pipeline);
}
