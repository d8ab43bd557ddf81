/** The file trigger of `millrace serve`. */
import type { ServiceDependencies, ServicePart } from '../../watcher';

/** The part `file`: watches what the file triggers of all registrations name. */
export function createFileTrigger({ logger }: ServiceDependencies): ServicePart {
  return {
    name: 'file',
    update: (registrations) => Promise.resolve(logger.debug({ registrations: registrations.length })),
    stop: () => Promise.resolve(),
    health: () => ({ healthy: true }),
  };
}
