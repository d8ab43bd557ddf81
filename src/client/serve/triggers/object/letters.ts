/** Dead letters of object triggers: what failed for good is written down once for each state of an object, after a restart too. */
import type { EventStart } from '../../../../activities/triggers/start-for-event';
import { digestOf } from '../../../../contracts/digest';
import type { MillraceError } from '../../../../contracts/errors';
import type { DeadLetterLedger } from '../../../../ports/event-ledger';

/** What a letter is about. */
export interface ObjectSubject {
  /** `s3://bucket/key`, or the trigger's own address. */
  readonly uri: string;
  /** Tells this state of the object from later ones. */
  readonly state: string;
}

/** Letters of one pipeline's object triggers. */
export interface ObjectLetters {
  /** Whether there is one about this state, also one that a person has closed: the object is not tried again. */
  has(subject: ObjectSubject): Promise<boolean>;
  /** Writes down what failed for good; `event` is what a replay would start. */
  write(subject: ObjectSubject, error: MillraceError, event?: EventStart): Promise<void>;
}

/** Opens the letters of a pipeline. */
export function createObjectLetters(ledger: DeadLetterLedger, pipeline: string): ObjectLetters {
  const idOf = ({ uri, state }: ObjectSubject): string =>
    digestOf({ kind: 'object', pipeline, uri, state }).slice(0, 32);
  const has = async (subject: ObjectSubject): Promise<boolean> =>
    (await ledger.findDeadLetter(idOf(subject))) !== undefined;
  return {
    has,
    async write(subject, error, event) {
      if (await has(subject)) return;
      await ledger.addDeadLetter({
        id: idOf(subject),
        kind: 'object',
        pipeline,
        code: error.code,
        message: error.message,
        where: subject.uri,
        ...(error.mend !== undefined && { mend: error.mend }),
        input: JSON.stringify(event?.input ?? { object: subject.uri }),
        ...(event && { replay: { ...event, input: event.input } }),
        occurredAt: new Date().toISOString(),
      });
    },
  };
}
