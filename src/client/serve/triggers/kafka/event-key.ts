/** What makes a message this event: pure. The record's own key never does, since senders use it to choose partitions. */
import { isUtf8 } from 'node:buffer';
import { MillraceError } from '../../../../contracts/errors';
import { IDEMPOTENCY_HEADER } from '../../../../contracts/training-request';

/** Where a message stands, once and for all. */
export interface MessagePlace {
  /** Id of the cluster, or the name that the settings give it. */
  readonly cluster: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: bigint;
}

type Headers = readonly (readonly [Buffer, Buffer | null | undefined])[];

const LONGEST_KEY = 500;

/**
 * The event's key: of the header, or of the place. A header that is given more than once counts as its last one, as with Kafka's own clients.
 * @throws EVENT_INVALID for a header that is empty, too long or no text.
 */
export function eventKeyOf(place: MessagePlace, headers: Headers): string {
  const given = headers.findLast(([name]) => name.toString('latin1') === IDEMPOTENCY_HEADER);
  if (given === undefined) return `offset:${originOf(place)}`;
  const value = given[1] ?? Buffer.alloc(0);
  const text = isUtf8(value) ? value.toString('utf8') : '';
  if (text.trim() === '' || text.length > LONGEST_KEY)
    throw new MillraceError(
      'EVENT_INVALID',
      `The header ${IDEMPOTENCY_HEADER} is not a text of 1 to ${LONGEST_KEY} characters.`,
      {
        where: nameOf(place),
        mend: 'let the sender give every event a key of its own, or none',
      },
    );
  return `header:${text}`;
}

/** `CLUSTER/TOPIC/PARTITION/OFFSET`. */
export function originOf({ cluster, topic, partition, offset }: MessagePlace): string {
  return `${cluster}/${topic}/${partition}/${offset}`;
}

/** As people read it: `ml.training.requests[2]@17`. */
export function nameOf({ topic, partition, offset }: Omit<MessagePlace, 'cluster'>): string {
  return `${topic}[${partition}]@${offset}`;
}
