/** The event of a file or an object whose bytes have arrived in the store. */
import type { EventStart } from '../../../activities/triggers/start-for-event';
import type { FileTrigger, ObjectTrigger } from '../../../contracts/pipeline-file';
import type { WatchSettings } from './watches';

/** Longest name of an arrival. */
export const LONGEST_NAME = 1000;

/** Pure: the same bytes, under the same name unless the trigger says that names do not count, are the same event. */
export function arrivalEvent(
  kind: 'file' | 'object',
  { pipeline, source, trigger }: WatchSettings<FileTrigger | ObjectTrigger>,
  name: string,
  { sha256, bytes }: { readonly sha256: string; readonly bytes: number },
): EventStart {
  return {
    pipeline,
    kind,
    eventKey: trigger.dedupe === 'content' ? sha256 : `${sha256} ${name}`,
    input: {
      pipeline,
      startedBy: `${kind} trigger`,
      // The end of a path says more than its beginning.
      cause: { kind, event: name.slice(-500) },
      arrivals: [{ source, mode: trigger.data, name, sha256, bytes }],
    },
  };
}
