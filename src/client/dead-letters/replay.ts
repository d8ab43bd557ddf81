/** From a dead letter to its run, after the mend. However often it is said for one opening of a letter, and wherever it crashes, it is one run. */
import type { Client } from '@temporalio/client';
import { claimKeyFor, startForEvent, type EventStart } from '../../activities/triggers/start-for-event';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import type { Arrival } from '../../contracts/events';
import type { RequestedFile } from '../../contracts/training-request';
import type { DeadLetter, DeadLetterLedger, EventLedger } from '../../ports/event-ledger';
import type { RunStarter } from '../../ports/run-starter';
import { retryRun } from '../runs/start-run';

/** What a replay works with. */
export interface ReplayDependencies {
  readonly ledger: EventLedger & DeadLetterLedger;
  readonly starter: RunStarter;
  readonly client: Client;
  /** Takes files that the event names into the store, for a run of this pipeline. */
  readonly takeFiles: (pipeline: string, files: readonly RequestedFile[]) => Promise<Arrival[]>;
}

/** A letter and the run that it has now. */
export interface Replayed {
  readonly id: string;
  readonly workflowId: string;
  readonly runId: string;
  /** Whether this call started the run; otherwise an earlier one did. */
  readonly started: boolean;
}

/**
 * Starts what the letter is about, and settles it. A run that failed is tried again under its id, or, where Temporal has forgotten it, as a new one; an event
 * that had no run gets it under the event's own key, so that the source finds it when it says the event again.
 * Files that the event names and that were not taken then are taken now.
 * @throws USAGE for an unknown letter, RUN_CONFLICT for one that is settled, EVENT_REFUSED where only the sender can send it again; for a file that
 * cannot be taken what `takeFiles` throws
 */
export async function replayDeadLetter(
  dependencies: ReplayDependencies,
  given: string,
  by: string,
): Promise<Replayed> {
  const { ledger } = dependencies;
  const letter = await requireOpen(ledger, given);
  const { id } = letter;
  const run = await runOf(dependencies, letter);
  // Another replay may have settled it meanwhile, with the same run; or the run has failed again already, and the letter is open for that.
  await ledger.settleDeadLetter(id, {
    state: 'replayed',
    by,
    workflowId: run.workflowId,
    openings: letter.openings,
  });
  return { id, ...run };
}

/** The letter, if it waits for a person. @throws USAGE, RUN_CONFLICT. */
export async function requireOpen(ledger: DeadLetterLedger, given: string): Promise<DeadLetter> {
  const letter = await requireLetter(ledger, given);
  const { id } = letter;
  if (letter.state === 'open') return letter;
  throw new MillraceError('RUN_CONFLICT', `The dead letter ${id} is ${letter.state} already.`, {
    where: id,
    mend: `see by whom with \`millrace dead-letters show ${id}\``,
  });
}

/** Fewer characters of an id name no letter: what was a slip of the key must not start a run. */
const SHORTEST_PREFIX = 4;
/** As many ids as an error names. */
const MOST_NAMED = 5;

/** The letter of this id, or the only one whose id begins so. @throws USAGE. */
export async function requireLetter(ledger: DeadLetterLedger, id: string): Promise<DeadLetter> {
  const letter = await ledger.findDeadLetter(id);
  if (letter) return letter;
  const ids = id.length < SHORTEST_PREFIX ? [] : await ledger.deadLetterIds(id, MOST_NAMED);
  const [only] = ids;
  const found = only !== undefined && ids.length === 1 ? await ledger.findDeadLetter(only) : undefined;
  if (found) return found;
  if (ids.length > 1)
    throw new MillraceError('USAGE', `More than one dead letter begins with ${id}: ${ids.join(', ')}.`, {
      mend: 'give more of its id',
    });
  throw new MillraceError('USAGE', `There is no dead letter ${id}.`, {
    mend: 'list them with `millrace dead-letters --state all`',
  });
}

async function runOf(dependencies: ReplayDependencies, letter: DeadLetter): Promise<Omit<Replayed, 'id'>> {
  const { id, kind, replay, where, openings } = letter;
  if (kind === 'run' && where !== undefined) {
    try {
      return await retryOf(dependencies.client, where, letter);
    } catch (error) {
      // Longer ago than Temporal's memory reaches: what the event asked for is started as a new run.
      if (!replay || !isMillraceError(error) || error.code !== 'RUN_NOT_FOUND') throw error;
    }
  }
  if (!replay)
    throw new MillraceError(
      'EVENT_REFUSED',
      `What the dead letter ${id} is about can be sent again by its sender only.`,
      {
        where: where ?? id,
        mend: `have it sent again, then close the letter with \`millrace dead-letters discard ${id} --why …\``,
      },
    );
  const { files, ...event } = replay;
  if (kind === 'run')
    return startForEvent(dependencies, { ...event, eventKey: `replay of ${id}, ${String(openings)}` });
  return startForEvent(dependencies, files ? await withFiles(dependencies, event, files) : event);
}

/** An event that has been started meanwhile has its bytes. */
async function withFiles(
  { ledger, takeFiles }: ReplayDependencies,
  event: EventStart,
  files: readonly RequestedFile[],
): Promise<EventStart> {
  if (await ledger.findEvent(claimKeyFor(event))) return event;
  return { ...event, input: { ...event.input, arrivals: await takeFiles(event.pipeline, files) } };
}

async function retryOf(
  client: Client,
  workflowId: string,
  letter: DeadLetter,
): Promise<Omit<Replayed, 'id'>> {
  try {
    return { ...(await retryRun(client, workflowId)), started: true };
  } catch (error) {
    if (!isMillraceError(error) || !ALREADY.has(error.code)) throw error;
    // It does not fail any more: tried again since the letter was written, by another replay that crashed or came at the same time.
    const { runId, startTime } = await client.workflow.getHandle(workflowId).describe();
    if (startTime.getTime() < Date.parse(letter.occurredAt)) throw error;
    return { workflowId, runId, started: false };
  }
}

const ALREADY: ReadonlySet<string> = new Set(['RUN_CONFLICT', 'RUN_ALREADY_EXISTS']);
