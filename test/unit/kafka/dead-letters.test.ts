/** Catches: a dead letter that cannot be found again, that grows without bound, or that has lost the sender's bytes. */
import { MillraceError } from '../../../src/contracts/errors';
import { deadRecordOf, letterOf } from '../../../src/client/serve/triggers/kafka/dead-letters';
import type { KafkaMessage } from '../../../src/client/serve/triggers/kafka/serve-message';

const message: KafkaMessage = {
  place: { cluster: 'c1', topic: 'requests', partition: 0, offset: 4n },
  headers: [[Buffer.from('trace'), Buffer.from('abc')]],
  key: Buffer.from('k'),
  value: Buffer.from('{"pipeline":'),
};
const refusal = { error: new MillraceError('EVENT_INVALID', 'not JSON', { mend: 'write JSON' }) };
const now = new Date('2026-11-21T12:00:00Z');

test('the same refusal is the same letter, another pipeline or place is another', () => {
  const { id } = letterOf(message, refusal, now);
  expect(letterOf(message, refusal, new Date()).id).toBe(id);
  expect(letterOf(message, { ...refusal, pipeline: 'churn' }, now).id).not.toBe(id);
  expect(letterOf({ ...message, place: { ...message.place, offset: 5n } }, refusal, now).id).not.toBe(id);
});

test('a letter shows at most 64 KiB, of text and of bytes', () => {
  const text = letterOf({ ...message, value: Buffer.from('ä'.repeat(1_000_000)) }, refusal, now).input;
  expect(text.startsWith('ää')).toBe(true);
  const bytes = letterOf({ ...message, value: Buffer.alloc(1_000_000, 0xff) }, refusal, now).input;
  expect(bytes.startsWith('base64:////')).toBe(true);
  for (const [shown, whole] of [
    [text, 2_000_000],
    [bytes, 1_000_000],
  ] as const) {
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(65_536);
    expect(shown).toContain(`cut here: it has ${String(whole)} bytes`);
    expect(shown).not.toContain('\ufffd');
  }
});

test('the record of the topic has what the sender sent, and why it ended there', () => {
  const { key, value, headers } = deadRecordOf(message, { ...refusal, pipeline: 'churn' });
  expect(key).toEqual(message.key);
  expect(value).toEqual(message.value);
  expect(Object.fromEntries([...headers].map(([name, text]) => [name.toString(), text.toString()]))).toEqual({
    trace: 'abc',
    'millrace-error': 'EVENT_INVALID',
    'millrace-message': 'not JSON',
    'millrace-cluster': 'c1',
    'millrace-topic': 'requests',
    'millrace-partition': '0',
    'millrace-offset': '4',
    'millrace-pipeline': 'churn',
  });
  expect(deadRecordOf(message, refusal, false).value).toBeUndefined();
});
