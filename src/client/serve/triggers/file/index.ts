/** The file trigger of `millrace serve`. */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isPermissionDenied } from '../../../../adapters/local-disk/durable-files';
import { withAdvisoryLock } from '../../../../adapters/local-disk/advisory-lock';
import { STATE_FOLDER } from '../../../../adapters/project/stack-record';
import { canonicalJson } from '../../../../contracts/digest';
import { isMillraceError, MillraceError } from '../../../../contracts/errors';
import { createOutage } from '../../outage';
import type { ServiceDependencies, ServicePart } from '../../part';
import { createFileLetters } from './letters';
import { fixedFolderOf, lookoutFor } from './sights';
import { Stirring } from './stirring';
import type { FileWatchSettings } from './take';
import { FileWatch } from './watch';
import { settingsOf, Watches, type Running } from '../watches';

/** How often a second service of this host asks whether the first is gone. */
const STAND_BY_MS = 2000;

/** What file triggers need of the service. */
export interface FileTriggerDependencies extends Pick<
  ServiceDependencies,
  'store' | 'ledger' | 'start' | 'logger' | 'dataRoot' | 'environmentName'
> {
  readonly project: Pick<ServiceDependencies['project'], 'root'>;
}

/** However much stirs, looking takes no more than a part of the time. */
const REST = 3;
const LEAST_REST_MS = 10;

/**
 * The part `file`: watches what the file triggers of all registrations name. One process of a host does so at a time for each project and
 * environment, a second stands by: what one takes away the other would miss.
 */
export function createFileTrigger(dependencies: FileTriggerDependencies): ServicePart {
  const { project, environmentName, logger } = dependencies;
  const stopping = new AbortController();
  let isWatching: (() => void) | undefined;
  const lock = path.join(project.root, STATE_FOLDER, `file-trigger.${environmentName}.lock`);
  const watching = new Promise<void>((resolve) => (isWatching = resolve));
  const outage = createOutage('the lock of the file triggers', logger);
  const hold = async (): Promise<void> => {
    const watch = (): Promise<void> => {
      outage.ended();
      isWatching?.();
      return untilAborted(stopping.signal);
    };
    // A disk that fails once must not leave the files unwatched when it is well again.
    while (!stopping.signal.aborted)
      await withAdvisoryLock(lock, watch, { lookAgainMs: STAND_BY_MS, signal: stopping.signal }).catch(
        async (error: unknown) => {
          if (stopping.signal.aborted) return;
          outage.failed(error);
          await pause(STAND_BY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
        },
      );
  };
  const held = hold();
  let standsBy = true;
  void watching.then(() => (standsBy = false));
  const watches = new Watches<FileWatchSettings, FileWatch>(
    (registration) => settingsOf(registration, (one) => ('file' in one ? one.file : undefined)),
    (settings) => startWatch(dependencies, settings, watching),
  );

  return {
    name: 'file',
    update: (registrations) => watches.update(registrations),
    async stop() {
      stopping.abort();
      isWatching?.();
      await watches.stop();
      await held;
    },
    health: () => ({
      healthy: true,
      ...(standsBy && { standsBy }),
      ...watches.health(),
      waiting: watches.all.reduce((sum, { waiting }) => sum + waiting, 0),
    }),
  };
}

/** Undefined for a trigger that can never work: a letter says why. */
async function startWatch(
  dependencies: FileTriggerDependencies,
  settings: FileWatchSettings,
  permitted: Promise<void>,
): Promise<Running<FileWatch> | undefined> {
  const { pipeline, source, trigger } = settings;
  try {
    if (source === '')
      throw new MillraceError('EVENT_REFUSED', 'A file trigger does not say which source gets its files.', {
        where: trigger.path,
        mend: 'Name it under `source:` of the trigger, and type `millrace apply` again.',
      });
    const lookout = await lookoutFor(trigger, dependencies.dataRoot);
    const watch = new FileWatch(dependencies, settings, lookout);
    return { watch, stop: keepLooking(watch, new Stirring(fixedFolderOf(lookout)), permitted) };
  } catch (given) {
    const error = isPermissionDenied(given)
      ? new MillraceError('SOURCE_UNREADABLE', 'The folder of a file trigger may not be searched.', {
          where: trigger.path,
          mend: 'Give the user of the service the right, and type `millrace apply` again.',
          cause: given,
        })
      : given;
    if (!isMillraceError(error) || error.retryable) throw error;
    await createFileLetters(dependencies.ledger, pipeline).write(
      { name: trigger.path, identity: canonicalJson(settings) },
      error,
    );
    return undefined;
  }
}

/** Looks again and again. @returns what ends it. */
function keepLooking(watch: FileWatch, stirring: Stirring, permitted: Promise<void>): () => Promise<void> {
  const ending = new AbortController();
  const { signal } = ending;
  const going = (async () => {
    await permitted;
    while (!signal.aborted) {
      await stirring.attend();
      const began = performance.now();
      const pauseMs = await watch.look();
      await stirring.pause((performance.now() - began) * REST + LEAST_REST_MS, pauseMs, signal);
    }
    stirring.close();
  })();
  return async () => {
    ending.abort();
    watch.stop();
    await going;
  };
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
