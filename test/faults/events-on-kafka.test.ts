/**
 * Catches: a message that is lost or run twice when a consumer, a worker or the broker dies at any moment, when a group reads everything again, or when Temporal
 * has forgotten the runs. `npm run bench -- kafka-events` does the same with ten thousand messages and twenty kills.
 */
import { KafkaProof } from '../support/kafka-events/proof';

const MESSAGES = 1000;
const KILLS = 6;
let proof: KafkaProof;

beforeAll(async () => {
  proof = await KafkaProof.start(process.env.MILLRACE_TEST_LOG === undefined ? undefined : console.log);
}, 240_000);
afterAll(() => proof.stop(), 60_000);

test('1,000 messages are 1,000 runs while consumers, worker and broker are killed, and stay so when all is read again', async () => {
  await proof.flow({ messages: MESSAGES, kills: KILLS, seed: 20261121 });
  expect(new Set(proof.kills).size).toBe(4);
  const first = await proof.reconcile();
  expect(first).toEqual({ messages: first.messages, lost: 0, doubled: 0, strange: 0 });
  expect(first.messages).toBeGreaterThanOrEqual(MESSAGES);

  await proof.rewind();
  expect(await proof.reconcile()).toEqual(first);

  await proof.forgetHistories();
  await proof.rewind();
  expect(await proof.runs()).toBe(0);
}, 600_000);
