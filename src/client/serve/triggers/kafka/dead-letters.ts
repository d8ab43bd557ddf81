/** Where refused messages go: the ledger, where people look, and the dead-letter topic, where the sender's own tools do. */
import { isUtf8 } from 'node:buffer';
import type { TopicRecord } from '../../../../adapters/kafka';
import { digestOf } from '../../../../contracts/digest';
import { letterInput } from '../../../../adapters/ledger/letter-input';
import type { NewDeadLetter } from '../../../../ports/event-ledger';
import { nameOf, originOf } from './event-key';
import type { KafkaMessage, Refusal } from './serve-message';

/** Bytes of a message that a letter shows: as base64 they make less than 64 KiB. Its ten megabytes need not become a text first. */
const SHOWN_BYTES = 47 * 1024;

/** The ledger's letter: pure but for the moment. The same refusal is the same letter, however often the message comes. */
export function letterOf(
  message: KafkaMessage,
  { error, pipeline, replay }: Refusal,
  now: Date,
): NewDeadLetter {
  const { code, mend } = error;
  const at = nameOf(message.place);
  return {
    id: digestOf({ kind: 'kafka', origin: originOf(message.place), pipeline }).slice(0, 32),
    kind: 'kafka',
    code,
    message: error.message,
    input: textOf(message.value ?? Buffer.alloc(0)),
    occurredAt: now.toISOString(),
    ...(pipeline !== undefined && { pipeline }),
    where: error.where === undefined || error.where === at ? at : `${at}: ${error.where}`,
    ...(mend !== undefined && { mend }),
    ...(replay && { replay }),
  };
}

function textOf(value: Buffer): string {
  const whole = value.length > SHOWN_BYTES ? value.length : undefined;
  const shown = value.subarray(0, SHOWN_BYTES);
  // A cut in the middle of a character does not make a text into bytes.
  const isText = isUtf8(shown) || (isUtf8(value) && whole !== undefined);
  return letterInput(
    isText ? new TextDecoder().decode(shown, { stream: true }) : `base64:${shown.toString('base64')}`,
    whole,
  );
}

/**
 * The original bytes, key and headers, and in headers of its own where it came from and why it ended here. `whole: false` leaves all
 * that the sender wrote out: for a topic that takes no message of that size.
 */
export function deadRecordOf(
  { place, headers, key, value }: KafkaMessage,
  { error, pipeline }: Refusal,
  whole = true,
): TopicRecord {
  const told = Object.entries({
    'millrace-error': error.code,
    'millrace-message': error.message.slice(0, 1000),
    'millrace-cluster': place.cluster,
    'millrace-topic': place.topic,
    'millrace-partition': String(place.partition),
    'millrace-offset': String(place.offset),
    ...(pipeline !== undefined && { 'millrace-pipeline': pipeline }),
    ...(!whole && { 'millrace-value': 'left out: too large for this topic' }),
  });
  return {
    ...(whole && key && { key }),
    ...(whole && value && { value }),
    headers: new Map([
      ...(whole ? headers : []).map(([name, text]) => [name, text ?? Buffer.alloc(0)] as const),
      ...told.map(([name, text]) => [Buffer.from(name), Buffer.from(text)] as const),
    ]),
  };
}
