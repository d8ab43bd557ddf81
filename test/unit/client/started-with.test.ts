/** Catches an edit of millrace.yaml that `millrace up` does not see: the workers and the triggers that run would keep the pools and the port of before. */
import { environmentSchema } from '../../../src/contracts/project-file';
import { startedWithOf } from '../../../src/client/stack/node-program';

test('another pool, another port of the API and a section more each count; the order in which they are written does not', async () => {
  const named = (settings: object): Promise<string> =>
    startedWithOf({ buildInfo: __filename }, environmentSchema.parse(settings), ['local', '127.0.0.1:7233']);
  const all = await Promise.all([
    named({}),
    named({ pools: { gpu: 1 } }),
    named({ pools: { gpu: 2 } }),
    named({ api: { port: 8080 } }),
    named({ kafka: { brokers: ['127.0.0.1:9092'] } }),
  ]);
  expect(new Set(all).size).toBe(all.length);
  const both = [
    named({ api: { port: 8080 }, pools: { gpu: 1 } }),
    named({ pools: { gpu: 1 }, api: { port: 8080 } }),
  ];
  const [one, other] = await Promise.all(both);
  expect(one).toBe(other);
});
