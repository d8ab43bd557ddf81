/** From an object to its run: the bytes first, then the event. */
import { takeObject } from '../../../../activities/data/acquire/take-object';
import { claimKeyFor, type EventStart } from '../../../../activities/triggers/start-for-event';
import { isMillraceError, MillraceError } from '../../../../contracts/errors';
import type { ObjectTrigger } from '../../../../contracts/pipeline-file';
import {
  objectStateKey,
  objectUri,
  type ObjectReader,
  type ObjectState,
} from '../../../../ports/object-storage';
import type { ServiceDependencies } from '../../part';
import type { WatchSettings } from '../watches';
import { arrivalEvent, LONGEST_NAME } from '../arrival-event';
import { isReadRefused, type ObjectLetters } from './letters';

/** One object trigger of one pipeline. */
export type ObjectWatchSettings = WatchSettings<ObjectTrigger>;

/** What taking needs of the service. */
export type ObjectTakers = Pick<ServiceDependencies, 'store' | 'ledger' | 'start' | 'logger'> & {
  readonly objects: ObjectReader;
};

/**
 * Takes the object's bytes into the store and starts its run, unless it has one. One whose bytes are known already is not fetched. `changed`: it is
 * in another state by now, and the next listing shows it; `dead`: a letter says why; `refused`: the same, and the server may give it later.
 * @throws TEMPORAL_UNAVAILABLE, LEDGER_UNAVAILABLE, STORE_UNAVAILABLE: take it again later.
 */
export async function takeSight(
  dependencies: ObjectTakers,
  settings: ObjectWatchSettings,
  letters: ObjectLetters,
  sight: ObjectState,
  signal: AbortSignal,
): Promise<'started' | 'changed' | 'dead' | 'refused'> {
  const { ledger, start, logger, objects } = dependencies;
  const { pipeline } = settings;
  const subject = { uri: objectUri(sight), state: objectStateKey(sight) };
  const standing = await letters.standingOf(subject);
  if (standing === 'final') return 'dead';
  const known = await objects.recall(sight);
  if (known !== undefined) {
    const claim = await ledger.findEvent(claimKeyFor(arrivalEvent('object', settings, subject.uri, known)));
    if (claim?.runId !== undefined) {
      if (standing === 'again') await letters.settle(subject, claim.workflowId);
      return 'started';
    }
  }
  let event: EventStart | undefined;
  try {
    refuseUnfit(sight);
    const taken = await takeObject(dependencies, sight, signal);
    event = arrivalEvent('object', settings, subject.uri, taken);
    const { workflowId, started } = await start(event);
    if (started) logger.info({ pipeline, object: subject.uri, run: workflowId }, 'an object started a run');
    if (standing === 'again') await letters.settle(subject, workflowId);
    return 'started';
  } catch (error) {
    if (isMillraceError(error) && error.code === 'SOURCE_CHANGED') return 'changed';
    const final = finalOf(error, subject.uri);
    if (final === undefined) throw error;
    await letters.write(subject, final, event);
    logger.warn({ pipeline, object: subject.uri, code: final.code }, 'an object became a dead letter');
    return isReadRefused(final) ? 'refused' : 'dead';
  }
}

function refuseUnfit(sight: ObjectState): void {
  if (objectUri(sight).length > LONGEST_NAME) throw invalid('has too long a key', 'Give it a shorter key.');
  if (sight.bytes === 0) throw invalid('is empty', 'Send it again with a header line and rows.');
}

function invalid(what: string, mend: string): MillraceError {
  return new MillraceError('EVENT_INVALID', `An object that a trigger saw ${what}.`, { mend });
}

/** What is worth a letter: trying again cannot help. Undefined also where it is our own store that refuses: that is not about the object. */
function finalOf(error: unknown, uri: string): MillraceError | undefined {
  if (!isMillraceError(error) || error.retryable) return undefined;
  if (error.code === 'STORE_UNAVAILABLE' && error.where !== uri) return undefined;
  if (error.code !== 'SOURCE_NOT_FOUND') return error;
  return new MillraceError('FILE_INCOMPLETE', 'An object that a trigger saw vanished before it was read.', {
    mend: 'Put it there again, and let it lie until its run has started.',
  });
}
