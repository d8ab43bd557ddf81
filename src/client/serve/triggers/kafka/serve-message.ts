/** What becomes of one message: runs, nothing, or dead letters. May be asked again for the same message at any point. */
import type { z } from 'zod';
import {
  claimKeyFor,
  eventStartSchema,
  type EventRun,
  type EventStart,
} from '../../../../activities/triggers/start-for-event';
import { isMillraceError, MillraceError } from '../../../../contracts/errors';
import { trainingRequestSchema, type TrainingRequest } from '../../../../contracts/training-request';
import type { NewDeadLetter } from '../../../../ports/event-ledger';
import type { Registration } from '../../../../ports/registration-ledger';
import { eventKeyOf, nameOf, type MessagePlace } from './event-key';
import { registrationsFor } from './match';
import { isOfItsFile, isPassing } from './passing';
import { takeIn } from './take-in';
import type { ServiceDependencies } from '../../part';

/** Longest value that is read, in bytes: the run's input must stay far below Temporal's limit of 2 MB. */
export const LARGEST_MESSAGE = 1024 * 1024;

/** A message as it came. */
export interface KafkaMessage {
  readonly place: MessagePlace;
  readonly headers: readonly (readonly [Buffer, Buffer | null | undefined])[];
  readonly key: Buffer | undefined;
  readonly value: Buffer | undefined;
}

/** Why a message, or its start of one pipeline, ended here for good. */
export interface Refusal {
  readonly error: MillraceError;
  readonly pipeline?: string;
  /** The event, where it can be started after the mend, and the files that are to be taken first. */
  readonly replay?: EventStart & Pick<NonNullable<NewDeadLetter['replay']>, 'files'>;
}

/** What became of it. Neither runs nor refusals: no trigger let it through. */
export interface Served {
  readonly runs: readonly EventRun[];
  readonly refusals: readonly Refusal[];
}

type Dependencies = Pick<ServiceDependencies, 'ledger' | 'store' | 'dataRoot' | 'start'>;

/** What `millrace apply` has put in force: all registrations as they are now, paused ones too. */
export type ReadRegistrations = () => Promise<readonly Registration[]>;

/**
 * Serves a message under the registrations in force. What was applied before the message was sent counts, also where a pipeline that was known before
 * wants it, too: so they are read for each message, and not remembered. On the last try a defect is a refusal, too, and a file that cannot be read.
 * @throws whatever may be over in a moment (Temporal, the ledger, the store), and before the last try whatever else is no refusal: ask again.
 */
export async function serveMessage(
  dependencies: Dependencies,
  readRegistrations: ReadRegistrations,
  message: KafkaMessage,
  isLast = false,
): Promise<Served> {
  const served = await orRefusal(isLast, message, () =>
    serveRead(dependencies, readRegistrations, message, isLast),
  );
  return 'error' in served ? { runs: [], refusals: [served] } : served;
}

async function serveRead(
  dependencies: Dependencies,
  readRegistrations: ReadRegistrations,
  message: KafkaMessage,
  isLast: boolean,
): Promise<Served> {
  const refusals: Refusal[] = [];
  const runs: EventRun[] = [];
  const { request, eventKey } = readMessage(message);
  const all = await readRegistrations();
  const inForce = all.filter(({ paused }) => !paused);
  if (request.pipeline !== undefined && !inForce.some(({ pipeline }) => pipeline === request.pipeline))
    refusals.push(unknownPipeline(all, message, request, eventKey, request.pipeline));
  for (const registration of registrationsFor(message.place.topic, request, inForce)) {
    const { pipeline } = registration;
    let event = eventFor(message, request, eventKey, pipeline);
    const one = await orRefusal(isLast, message, async () => {
      // A message that comes again has its claim, with the bytes of then; its files may be gone by now.
      const again = request.data && (await dependencies.ledger.findEvent(claimKeyFor(event)));
      if (request.data && !again) {
        const arrivals = await takeIn(dependencies, registration, request.data);
        event = { ...event, input: { ...event.input, arrivals } };
      }
      return dependencies.start(event);
    });
    if ('error' in one) refusals.push({ ...one, pipeline, ...replayOf(event, request) });
    else runs.push(one);
  }
  return { runs, refusals };
}

/** Errors that no repetition mends become refusals. */
async function orRefusal<Result extends object>(
  isLast: boolean,
  { place }: KafkaMessage,
  work: () => Promise<Result>,
): Promise<Result | { readonly error: MillraceError }> {
  try {
    return await work();
  } catch (error) {
    if (isPassing(error) && !(isLast && isOfItsFile(error))) throw error;
    if (isMillraceError(error) && error.code !== 'INTERNAL') return { error };
    if (!isLast) throw error;
    return { error: defect(place, error) };
  }
}

function defect(place: MessagePlace, cause: unknown): MillraceError {
  const said = cause instanceof Error ? cause.message : String(cause);
  return new MillraceError('INTERNAL', `The message could not be served: ${said.slice(0, 500)}`, {
    where: nameOf(place),
    mend: 'report it with what the log of the service says; replay this letter after the mend',
    cause,
    retryable: false,
  });
}

function readMessage({ place, headers, value }: KafkaMessage): {
  request: TrainingRequest;
  eventKey: string;
} {
  const where = nameOf(place);
  const invalid = (message: string): MillraceError =>
    new MillraceError('EVENT_INVALID', message, {
      where,
      mend: 'let the sender write messages as schemas/training-request.schema.json says',
    });
  if (value === undefined || value.length === 0) throw invalid('The message is empty.');
  if (value.length > LARGEST_MESSAGE)
    throw invalid(`The message has ${value.length} bytes, and ${LARGEST_MESSAGE} are the most.`);
  const parsed = trainingRequestSchema.safeParse(jsonOf(value, invalid));
  if (!parsed.success) throw invalid(`The message does not fit its schema: ${problemsOf(parsed.error)}.`);
  return { request: parsed.data, eventKey: eventKeyOf(place, headers) };
}

function jsonOf(value: Buffer, invalid: (message: string) => MillraceError): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch {
    throw invalid('The message is not JSON in UTF-8.');
  }
}

/** The first problems, each with its place. */
function problemsOf({ issues }: z.ZodError): string {
  return issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.length === 0 ? 'message' : path.join('.')}: ${message}`)
    .join('; ')
    .slice(0, 1000);
}

function eventFor(
  { place }: KafkaMessage,
  { reason, params }: TrainingRequest,
  eventKey: string,
  pipeline: string,
): EventStart {
  return {
    pipeline,
    kind: 'kafka',
    eventKey,
    input: {
      pipeline,
      startedBy: 'kafka',
      cause: { kind: 'kafka', event: nameOf(place), ...(reason !== undefined && { reason }) },
      ...(params && { params }),
    },
  };
}

function unknownPipeline(
  registrations: readonly Registration[],
  message: KafkaMessage,
  request: TrainingRequest,
  eventKey: string,
  pipeline: string,
): Refusal {
  const known = registrations.find((one) => one.pipeline === pipeline);
  const [text, mend] = known?.paused
    ? [`The triggers of ${pipeline} are paused: ${known.paused.note}`, 'unpause it, then replay this letter']
    : [`No trigger of a pipeline ${pipeline} is in force.`, 'see `millrace apply`, then replay this letter'];
  return {
    error: new MillraceError('EVENT_REFUSED', text, { where: nameOf(message.place), mend }),
    pipeline,
    ...replayOf(eventFor(message, request, eventKey, pipeline), request),
  };
}

/** Files whose bytes lie in the store already are not taken again. */
function replayOf(event: EventStart, { data }: TrainingRequest): Pick<Refusal, 'replay'> {
  const { success, data: replay } = eventStartSchema.safeParse(event);
  if (!success) return {};
  return { replay: { ...replay, ...(data && !replay.input.arrivals && { files: data }) } };
}
