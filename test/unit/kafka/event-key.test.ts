/** Catches: two events under one key, of which the second would never run; one event under two keys, which would run twice. */
import { eventKeyOf, nameOf } from '../../../src/client/serve/triggers/kafka/event-key';

const place = { cluster: 'c1', topic: 'ml.training.requests', partition: 2, offset: 17n };
const header = (name: string, value: string | Buffer | null): [Buffer, Buffer | null] => [
  Buffer.from(name),
  value === null ? null : Buffer.from(value),
];

test('without a header the place is the key, and every part of it counts', () => {
  const key = eventKeyOf(place, []);
  expect(eventKeyOf({ ...place }, [header('other', 'x')])).toBe(key);
  for (const change of [{ cluster: 'c2' }, { topic: 'b' }, { partition: 3 }, { offset: 18n }])
    expect(eventKeyOf({ ...place, ...change }, [])).not.toBe(key);
});

test('with a header the place does not matter, and the last header counts', () => {
  const headers = [header('idempotency-key', 'first'), header('idempotency-key', 'drift')];
  const key = eventKeyOf(place, headers);
  expect(eventKeyOf({ cluster: 'c2', topic: 'b', partition: 0, offset: 0n }, headers.slice(1))).toBe(key);
  expect(eventKeyOf(place, headers.slice(0, 1))).not.toBe(key);
});

test('a header cannot pass for a place', () => {
  const key = eventKeyOf(place, []);
  for (const value of [key, key.slice(key.indexOf(':') + 1)])
    expect(eventKeyOf(place, [header('idempotency-key', value)])).not.toBe(key);
});

test.each([
  ['empty', ''],
  ['blank', '  '],
  ['null', null],
  ['too long', 'k'.repeat(501)],
  ['not UTF-8', Buffer.from([0xff, 0xfe])],
])('a header that is %s is refused, with the place of its message', (_, value) => {
  const refusal = (): unknown => {
    try {
      return eventKeyOf(place, [header('idempotency-key', value)]);
    } catch (error) {
      return error;
    }
  };
  expect(refusal()).toMatchObject({ code: 'EVENT_INVALID', where: nameOf(place) });
});
