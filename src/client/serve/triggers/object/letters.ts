/** Dead letters of object triggers: what failed for good is written down once for each state of an object, after a restart too, and looked at again by a changed trigger. */
import type { EventStart } from '../../../../activities/triggers/start-for-event';
import { digestOf } from '../../../../contracts/digest';
import type { MillraceError } from '../../../../contracts/errors';
import type { ObjectTrigger } from '../../../../contracts/pipeline-file';
import type { DeadLetterLedger } from '../../../../ports/event-ledger';

/** What a letter is about. */
export interface ObjectSubject {
  /** `s3://bucket/key`, or the trigger's own address. */
  readonly uri: string;
  /** Tells this state of the object from later ones. */
  readonly state: string;
}

/** Letters of one object trigger. */
export interface ObjectLetters {
  /**
   * `final`: the object is not tried again in this state, since this trigger has refused it, as it is defined now, or a person has discarded the letter.
   * `again`: there is a letter, and it is tried all the same: a former trigger refused it, or the server did not let it be read, of which the object shows
   * nothing once a policy is mended.
   */
  standingOf(subject: ObjectSubject): Promise<'none' | 'again' | 'final'>;
  /** Writes down what failed for good; `event` is what a replay would start. */
  write(subject: ObjectSubject, error: MillraceError, event?: EventStart): Promise<void>;
  /** The object has its run after all: the letter about this state is closed, if it is open. */
  settle(subject: ObjectSubject, workflowId: string): Promise<void>;
}

/** Whether the server refused to give the object: then it may give it later. */
export function isReadRefused({ code }: { readonly code: string }): boolean {
  return code === 'STORE_UNAVAILABLE';
}

/** What letters of triggers as they were before say of one state of an object. */
interface Former {
  readonly open: string[];
  discarded: boolean;
}

/** So many letters of a pipeline are remembered when its trigger has changed. */
const MOST_FORMER = 5000;

/** Opens the letters of a trigger. */
export function createObjectLetters(
  ledger: DeadLetterLedger,
  settings: { readonly pipeline: string; readonly source: string; readonly trigger: ObjectTrigger },
): ObjectLetters {
  const { pipeline } = settings;
  const trigger = digestOf(settings);
  const idOf = ({ uri, state }: ObjectSubject): string =>
    digestOf({ kind: 'object', pipeline, uri, state, trigger }).slice(0, 32);
  let read: Promise<Map<string, Former>> | undefined;
  /** Read once: the former triggers write no more. */
  const formerOf = async ({ uri, state }: ObjectSubject): Promise<Former | undefined> => {
    read ??= readFormer(ledger, pipeline);
    read.catch(() => (read = undefined));
    return (await read).get(`${uri} ${state}`);
  };
  const close = async (ids: readonly string[], why: string, workflowId?: string): Promise<void> => {
    const by = 'millrace serve';
    for (const id of ids)
      await ledger.settleDeadLetter(id, { state: 'replayed', by, why, ...(workflowId && { workflowId }) });
  };
  return {
    async standingOf(subject) {
      const letter = await ledger.findDeadLetter(idOf(subject));
      if (letter) return letter.state === 'open' && isReadRefused(letter) ? 'again' : 'final';
      const former = await formerOf(subject);
      if (!former) return 'none';
      return former.discarded ? 'final' : 'again';
    },
    async write(subject, error, event) {
      const id = idOf(subject);
      if (await ledger.findDeadLetter(id)) return;
      await ledger.addDeadLetter({
        id,
        kind: 'object',
        pipeline,
        code: error.code,
        message: error.message,
        where: subject.uri,
        version: subject.state,
        ...(error.mend !== undefined && { mend: error.mend }),
        input: JSON.stringify(event?.input ?? { object: subject.uri }),
        ...(event && { replay: { ...event, input: event.input } }),
        occurredAt: new Date().toISOString(),
      });
      // Nothing holds any more of what the former trigger said.
      await close(
        (await formerOf(subject))?.open.filter((one) => one !== id) ?? [],
        'the trigger was changed',
      );
    },
    async settle(subject, workflowId) {
      const former = await formerOf(subject);
      await close([idOf(subject), ...(former?.open ?? [])], 'the object could be taken later', workflowId);
    },
  };
}

async function readFormer(ledger: DeadLetterLedger, pipeline: string): Promise<Map<string, Former>> {
  const found = new Map<string, Former>();
  for (const { id, where, version, state } of await ledger.listDeadLetters({
    pipeline,
    kind: 'object',
    limit: MOST_FORMER,
  })) {
    const key = `${where ?? ''} ${version ?? ''}`;
    const former = found.get(key) ?? { open: [], discarded: false };
    if (state === 'open') former.open.push(id);
    former.discarded ||= state === 'discarded';
    found.set(key, former);
  }
  return found;
}
