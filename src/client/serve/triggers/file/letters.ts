/** Dead letters of file triggers: each failure is written down once, however often the file is looked at, and after a restart too. */
import { digestOf } from '../../../../contracts/digest';
import type { MillraceError } from '../../../../contracts/errors';
import type { EventStart } from '../../../../activities/triggers/start-for-event';
import type { DeadLetterLedger } from '../../../../ports/event-ledger';

/** What a letter is about. */
export interface LetterSubject {
  /** Path of the file, or the pattern of the trigger. */
  readonly name: string;
  /** Tells this file from another that has its name later. */
  readonly identity?: string;
}

/** Writes letters of one pipeline's file triggers. */
export interface FileLetters {
  /** Writes down what failed for good; `event` is what a replay would start. */
  write(subject: LetterSubject, error: MillraceError, event?: EventStart): Promise<void>;
  /** The file that letters were about has its run after all: those that are open are closed. */
  settle(subject: LetterSubject, workflowId: string): Promise<void>;
}

/** Codes of what may mend itself: the file is completed, gets bytes, or may be read. */
const MAY_MEND = ['FILE_INCOMPLETE', 'EVENT_INVALID', 'SOURCE_UNREADABLE'] as const;

/** Letters of this pipeline. */
export function createFileLetters(ledger: DeadLetterLedger, pipeline: string): FileLetters {
  const idFor = ({ name, identity }: LetterSubject, code: string): string =>
    digestOf({ kind: 'file', pipeline, code, name, ...(identity !== undefined && { identity }) }).slice(
      0,
      32,
    );
  return {
    async write(subject, error, event) {
      const id = idFor(subject, error.code);
      // One that a person has closed is not opened again by a restart.
      if (await ledger.findDeadLetter(id)) return;
      await ledger.addDeadLetter({
        id,
        kind: 'file',
        pipeline,
        code: error.code,
        message: error.message,
        where: subject.name,
        ...(error.mend !== undefined && { mend: error.mend }),
        input: JSON.stringify(event?.input ?? { file: subject.name }),
        ...(event && { replay: { ...event, input: event.input } }),
        occurredAt: new Date().toISOString(),
      });
    },
    async settle(subject, workflowId) {
      for (const code of MAY_MEND)
        await ledger.settleDeadLetter(idFor(subject, code), {
          state: 'replayed',
          by: 'millrace serve',
          why: 'the file was completed later',
          workflowId,
        });
    },
  };
}
