/** The object trigger of `millrace serve`. */
import { createObjectReader } from '../../../../adapters/object-storage/object-reader';
import { MillraceError } from '../../../../contracts/errors';
import { repeat } from '../../repeat';
import type { ServiceDependencies, ServicePart } from '../../part';
import { createObjectLetters } from './letters';
import type { ObjectTakers, ObjectWatchSettings } from './take';
import { ObjectWatch } from './watch';
import { settingsOf, Watches } from '../watches';

/**
 * The part `object`: watches the buckets that the object triggers of all registrations name. Several services may watch the same: claims make each
 * event one run.
 */
export function createObjectTrigger(
  given: Pick<ServiceDependencies, 'store' | 'ledger' | 'start' | 'logger' | 'project' | 'environment'>,
): ServicePart {
  const { project, environment } = given;
  const objects = createObjectReader({ projectRoot: project.root, environment });
  const dependencies: ObjectTakers = { ...given, objects };
  const watches = new Watches<ObjectWatchSettings, ObjectWatch>(
    (registration) => settingsOf(registration, (one) => ('object' in one ? one.object : undefined)),
    async (settings) => {
      if (!(await isComplete(dependencies, settings))) return undefined;
      const watch = new ObjectWatch(dependencies, settings);
      const looking = repeat(settings.trigger.every * 1000, () => watch.look());
      const stop = async (): Promise<void> => {
        watch.stop();
        await looking.stop();
      };
      return { watch, stop };
    },
  );
  return {
    name: 'object',
    update: (registrations) => watches.update(registrations),
    stop: () => watches.stop(),
    health: () => ({ healthy: true, ...watches.health() }),
  };
}

/** Whether the trigger can work at all; otherwise a letter says why. */
async function isComplete({ ledger }: ObjectTakers, settings: ObjectWatchSettings): Promise<boolean> {
  const { source, trigger } = settings;
  if (source !== '') return true;
  await createObjectLetters(ledger, settings).write(
    { uri: trigger.uri, state: 'no source' },
    new MillraceError('EVENT_REFUSED', 'An object trigger does not say which source gets its objects.', {
      mend: 'Name it under `source:` of the trigger, and type `millrace apply` again.',
    }),
  );
  return false;
}
