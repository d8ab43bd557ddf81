/** Refuses events for pipelines that are not there, without reading the project's files for each of a thousand events. */
import { setTimeout as pause } from 'node:timers/promises';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import type { PipelineCatalog } from '../../ports/pipeline-catalog';

/** Times in milliseconds; tests take shorter ones. */
export interface PipelineCheckTimes {
  /** How long it holds that a file is there. That there is none never holds: it may have been written just now, and the event is refused for good. */
  readonly holds: number;
  /** How long a file is waited for: an editor that renames, or a checkout, takes it away for a moment, and an event is refused for good. */
  readonly patience: number;
  /** Pause between two looks for a file that is waited for. */
  readonly between: number;
  /** A name that was refused is not waited for again, unless nobody has asked for it for so long. */
  readonly forgets: number;
}

const TIMES: PipelineCheckTimes = { holds: 1000, patience: 5000, between: 500, forgets: 60_000 };
/** Names come from outside. */
const MOST_NAMES = 1000;

interface Answer {
  readonly refusal: Promise<MillraceError | undefined>;
  /** When it was given; undefined while the file is looked for. */
  at?: number;
  refused?: boolean;
}

/**
 * A check of a pipeline's name. A file that is merely broken passes: its run fails, where people look.
 * @throws EVENT_REFUSED where no pipeline file has the name, nor gets it within some seconds.
 */
export function createPipelineCheck(
  catalog: Pick<PipelineCatalog, 'load'>,
  times: PipelineCheckTimes = TIMES,
): (name: string) => Promise<void> {
  const answers = new Map<string, Answer>();
  const ask = (name: string, patience: number): Answer => {
    const answer: Answer = { refusal: lookFor(catalog, name, patience, times.between) };
    const given = (refused: boolean): void => void Object.assign(answer, { at: Date.now(), refused });
    answer.refusal.then(
      (refusal) => given(refusal !== undefined),
      () => given(false),
    );
    if (answers.size >= MOST_NAMES) answers.clear();
    answers.set(name, answer);
    return answer;
  };
  return async (name) => {
    let answer = answers.get(name);
    const age = answer?.at === undefined ? 0 : Date.now() - answer.at;
    if (!answer || (answer.at !== undefined && (answer.refused === true || age > times.holds)))
      answer = ask(name, answer?.refused === true && age <= times.forgets ? 0 : times.patience);
    const refusal = await answer.refusal;
    if (refusal) throw refusal;
  };
}

/** Looks until the file is there, or patience is over. @returns why events for it are refused. */
async function lookFor(
  catalog: Pick<PipelineCatalog, 'load'>,
  name: string,
  patience: number,
  between: number,
): Promise<MillraceError | undefined> {
  const begun = Date.now();
  for (;;) {
    const refusal = await refusalOf(catalog, name);
    if (!refusal || Date.now() - begun >= patience) return refusal;
    await pause(between);
  }
}

async function refusalOf(
  catalog: Pick<PipelineCatalog, 'load'>,
  name: string,
): Promise<MillraceError | undefined> {
  try {
    await catalog.load(name);
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'PIPELINE_NOT_FOUND') return undefined;
    const { message, mend } = error;
    return new MillraceError('EVENT_REFUSED', message, { where: name, ...(mend !== undefined && { mend }) });
  }
  return undefined;
}
