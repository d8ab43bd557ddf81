/** The parts of the service, in the order in which they are told of the registrations. A new kind of trigger is one line here. */
import { createApiPart } from './api';
import { createClaimKeeper } from './claims';
import { createFileTrigger } from './triggers/file';
import { createKafkaTrigger } from './triggers/kafka';
import { createObjectTrigger } from './triggers/object';
import type { ServiceDependencies, ServicePart } from './part';

/** Each part looks at the registrations for what concerns it. */
export function serviceParts(dependencies: ServiceDependencies): ServicePart[] {
  return [
    createApiPart(dependencies),
    createClaimKeeper(dependencies),
    createFileTrigger(dependencies),
    createObjectTrigger(dependencies),
    createKafkaTrigger(dependencies),
  ];
}
