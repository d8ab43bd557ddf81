/** Ten thousand messages while everything around them is killed. */
import { KafkaProof, type Reconciliation } from '../test/support/kafka-events/proof';
import type { Figure, Scenario } from './scenario';
import { percentile, timed } from './support/statistics';

const MESSAGES = 10_000;
const KILLS = 20;
const SEED = 4;
const SINGLE = 100;

/** See the file's head. Latencies are taken first, of single messages, when nothing else is under way. */
export const kafkaEvents: Scenario = {
  name: 'kafka-events',
  question: `are ${MESSAGES} messages as many runs when consumers, worker and broker are killed ${KILLS} times, and stay so when all is read again?`,
  async run({ say }) {
    const proof = await KafkaProof.start(say);
    try {
      const latencies = await proof.latencies(SINGLE);
      const { milliseconds } = await timed(() =>
        proof.flow({ messages: MESSAGES, kills: KILLS, seed: SEED }),
      );
      const first = await proof.reconcile();
      say('all is read again from the start');
      await proof.rewind();
      const again = await proof.reconcile();
      say('all is read again, by a Temporal that has forgotten every run');
      await proof.forgetHistories();
      await proof.rewind();
      const anew = await proof.runs();
      return [
        ...reconciled('', first),
        ...reconciled(', read again', again),
        { name: 'new runs after the histories were gone', value: anew, unit: 'runs', limit: { atMost: 0 } },
        ...[50, 95].map((percent): Figure => ({
          name: `message to first stage, p${percent}`,
          value: percentile(latencies, percent),
          unit: 'ms',
          note: `${SINGLE} messages, one at a time`,
        })),
        {
          name: 'messages a second, kills included',
          value: (MESSAGES / milliseconds) * 1000,
          unit: '1/s',
          note: `${proof.kills.length} kills in ${(milliseconds / 1000).toFixed(0)} s`,
        },
      ];
    } finally {
      await proof.stop();
    }
  },
};

function reconciled(when: string, { messages, lost, doubled, strange }: Reconciliation): Figure[] {
  const none = { atMost: 0 } as const;
  return [
    { name: `messages lost${when}`, value: lost, unit: 'runs', limit: none, note: `of ${messages} in Kafka` },
    { name: `runs doubled${when}`, value: doubled + strange, unit: 'runs', limit: none },
  ];
}
