// Catches a message that holds its partition for ever since the disk cannot read its file, and one that is given up since the whole host was short of something.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { triesFor } from '../../../src/client/serve/triggers/kafka/passing';
import { serveMessage, type Served } from '../../../src/client/serve/triggers/kafka/serve-message';
import { MillraceError } from '../../../src/contracts/errors';

let dataRoot: string;
beforeAll(async () => {
  dataRoot = await mkdtemp(join(tmpdir(), 'millrace-unreadable-'));
  await writeFile(join(dataRoot, 'day.csv'), 'id\n1\n');
});
afterAll(() => rm(dataRoot, { recursive: true, force: true }));

/** What the store says when the system refuses to read a file with this code. */
const unreadable = (code: string): MillraceError =>
  new MillraceError('SOURCE_UNREADABLE', `A source file cannot be read (${code}).`, {
    where: join(dataRoot, 'day.csv'),
    cause: Object.assign(new Error('it failed'), { code }),
    retryable: true,
  });

function serve(code: string, isLast: boolean): Promise<Served> {
  const dependencies: unknown = {
    ledger: { findEvent: () => Promise.resolve(undefined) },
    store: { putBlob: () => Promise.reject(unreadable(code)) },
    dataRoot,
  };
  const registration = {
    pipeline: 'churn',
    file: 'pipelines/churn.yaml',
    triggers: [{ kafka: { topic: 'requests', where: {} } }],
    sources: ['rows'],
    appliedAt: '2026-11-21T22:00:00.000Z',
  };
  const message = {
    place: { cluster: 'test', topic: 'requests', partition: 0, offset: 1n },
    headers: [],
    key: undefined,
    value: Buffer.from('{"data":["day.csv"]}'),
  };
  return serveMessage(
    dependencies as Parameters<typeof serveMessage>[0],
    () => Promise.resolve([registration]),
    message,
    isLast,
  );
}

test('a file that its disk cannot read has minutes of tries, then it is refused in the words of the message, and can be replayed', async () => {
  const failure: unknown = await serve('EIO', false).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: 'SOURCE_UNREADABLE', retryable: true, where: 'day.csv' });
  // Up to 5 seconds between two of them.
  expect(triesFor(failure)).toBeGreaterThanOrEqual(60);
  expect(triesFor(failure)).toBeLessThan(Infinity);
  const { runs, refusals } = await serve('EIO', true);
  expect(runs).toEqual([]);
  expect(refusals).toMatchObject([
    {
      error: { code: 'SOURCE_UNREADABLE', where: 'day.csv' },
      pipeline: 'churn',
      replay: { pipeline: 'churn', files: [{ path: 'day.csv' }] },
    },
  ]);
});

test.each(['EMFILE', 'ENOMEM', 'ENOTCONN'])(
  '%s says nothing of the file: the message waits',
  async (code) => {
    const failure: unknown = await serve(code, false).catch((error: unknown) => error);
    expect(triesFor(failure)).toBe(Infinity);
    await expect(serve(code, true)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' });
  },
);
