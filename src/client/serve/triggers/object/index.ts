/** The object trigger of `millrace serve`. */
import { createObjectReader } from '../../../../adapters/object-storage/object-reader';
import { canonicalJson } from '../../../../contracts/digest';
import { MillraceError } from '../../../../contracts/errors';
import type { Registration } from '../../../../ports/registration-ledger';
import { repeat, type Repetition } from '../../repeat';
import type { ServiceDependencies, ServicePart } from '../../watcher';
import { createObjectLetters } from './letters';
import type { ObjectTakers, ObjectWatchSettings } from './take';
import { ObjectWatch } from './watch';

interface Running {
  readonly watch: ObjectWatch;
  readonly looking: Repetition;
}

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
  const running = new Map<string, Running>();
  const end = async ({ watch, looking }: Running): Promise<void> => {
    watch.stop();
    await looking.stop();
  };
  return {
    name: 'object',
    async update(registrations) {
      const wanted = new Map(registrations.flatMap(settingsOf).map((one) => [canonicalJson(one), one]));
      for (const [key, one] of running) {
        if (wanted.has(key)) continue;
        running.delete(key);
        await end(one);
      }
      for (const [key, settings] of wanted) {
        if (running.has(key) || !(await isComplete(dependencies, settings))) continue;
        const watch = new ObjectWatch(dependencies, settings);
        running.set(key, { watch, looking: repeat(settings.trigger.every * 1000, () => watch.look()) });
      }
    },
    async stop() {
      await Promise.all([...running.values()].map(end));
    },
    health: () => {
      const watches = [...running.values()].map(({ watch }) => watch);
      const away = watches.flatMap((watch) => watch.away ?? []);
      return {
        healthy: true,
        watches: watches.length,
        taken: watches.reduce((sum, { taken }) => sum + taken, 0),
        ...(away.length > 0 && { away: [...new Set(away)] }),
      };
    },
  };
}

function settingsOf({ pipeline, sources, triggers }: Registration): ObjectWatchSettings[] {
  return triggers.flatMap((one) =>
    'object' in one
      ? [
          {
            pipeline,
            trigger: one.object,
            source: one.object.source ?? (sources.length === 1 ? sources[0] : '') ?? '',
          },
        ]
      : [],
  );
}

/** Whether the trigger can work at all; otherwise a letter says why. */
async function isComplete(
  { ledger }: ObjectTakers,
  settings: ObjectWatchSettings,
): Promise<boolean> {
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
