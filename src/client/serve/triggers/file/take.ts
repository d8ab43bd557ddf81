/** From a complete file to its run: the bytes first, then the event. */
import { claimKeyFor } from '../../../../activities/triggers/start-for-event';
import { isMillraceError, MillraceError } from '../../../../contracts/errors';
import type { FileTrigger } from '../../../../contracts/pipeline-file';
import type { ServiceDependencies } from '../../part';
import { arrivalEvent, LONGEST_NAME } from '../arrival-event';
import type { FileLetters } from './letters';
import type { Sight } from './sights';
import type { WatchSettings } from '../watches';

/** One file trigger of one pipeline. */
export type FileWatchSettings = WatchSettings<FileTrigger>;

/** What became of it. `changed`: it was written to meanwhile, and is looked at again. `dead`: a letter says why. */
export type Taken =
  { readonly state: 'started'; readonly workflowId: string } | { readonly state: 'changed' | 'dead' };

/**
 * Takes the file's bytes into the store and starts its run, unless it has one. @throws TEMPORAL_UNAVAILABLE, LEDGER_UNAVAILABLE, STORE_UNAVAILABLE
 * and what the disk throws: take it again later.
 */
export async function takeFile(
  dependencies: Pick<ServiceDependencies, 'store' | 'ledger' | 'start' | 'logger'>,
  settings: FileWatchSettings,
  letters: FileLetters,
  sight: Sight,
): Promise<Taken> {
  const { store, ledger, start, logger } = dependencies;
  const { pipeline } = settings;
  if (sight.name.length > LONGEST_NAME)
    return dead(letters, sight, invalid('has too long a name', 'Rename it.'));
  const blob = await store.putBlob(sight.real).catch((error: unknown) => {
    if (!isMillraceError(error)) throw error;
    if (CHANGED.has(error.code)) return undefined;
    if (error.code === 'SOURCE_UNREADABLE' && !error.retryable) return 'forbidden';
    throw error;
  });
  if (blob === 'forbidden') return dead(letters, sight, unreadable(sight));
  if (blob?.bytes !== sight.size) return { state: 'changed' };
  if (blob.bytes === 0)
    return dead(letters, sight, invalid('is empty', 'Send it again with a header line and rows.'));
  const event = arrivalEvent('file', settings, sight.name, blob);
  const claim = await ledger.findEvent(claimKeyFor(event));
  if (claim?.runId !== undefined) return { state: 'started', workflowId: claim.workflowId };
  try {
    const { workflowId, started } = await start(event);
    if (started) logger.info({ pipeline, file: sight.name, run: workflowId }, 'a file started a run');
    return { state: 'started', workflowId };
  } catch (error) {
    if (!isMillraceError(error) || error.retryable) throw error;
    await letters.write({ name: sight.name, identity: event.eventKey }, error, event);
    return { state: 'dead' };
  }
}

/** Gone, or another by now: the next look sees which. */
const CHANGED: ReadonlySet<string> = new Set(['SOURCE_CHANGED', 'SOURCE_NOT_FOUND']);

function unreadable({ name }: Sight): MillraceError {
  return new MillraceError('SOURCE_UNREADABLE', `The file ${name} may not be read by this service.`, {
    where: name,
    mend: 'Give its user the right to read the file; it is then taken by itself.',
  });
}

async function dead(letters: FileLetters, sight: Sight, error: MillraceError): Promise<Taken> {
  await letters.write(sight, error);
  return { state: 'dead' };
}

function invalid(what: string, mend: string): MillraceError {
  return new MillraceError('EVENT_INVALID', `A file that a trigger saw ${what}.`, { mend });
}
