/** Catches a ledger in PostgreSQL that differs from the embedded one, tells a secret, or does not come back after the database was away. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { openLedger } from '../../../src/adapters/ledger/open';
import { readSecret } from '../../../src/adapters/project/secrets';
import type { PostgresSettings } from '../../../src/contracts/project-file';
import { startPostgres, type PostgresServer } from '../../support/postgres-server';
import { announcementContract } from './announcement-contract';
import { ledgerContract } from './contract';

let server: PostgresServer;

beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server.stop());

const open = (settings: PostgresSettings) =>
  openLedger({ projectRoot: tmpdir(), environment: { ledger: { postgres: settings } } });

const claim = (key: string) => ({
  key,
  kind: 'kafka' as const,
  pipeline: 'churn',
  workflowId: `churn/kafka/${key}`,
  input: { pipeline: 'churn' },
});

const empty = async () => {
  await server.query('DROP SCHEMA public CASCADE');
  await server.query('CREATE SCHEMA public');
  return { projectRoot: tmpdir(), ledger: { postgres: server.settings } };
};
ledgerContract(empty);
announcementContract(empty);

test('a database that ends is called so, and the same ledger serves on when it is back', async () => {
  const ledger = await open(server.settings);
  try {
    await ledger.claimEvent(claim('before'));
    await server.kill();
    for (const ask of [
      () => ledger.claimEvent(claim('meanwhile')),
      () => ledger.listRegistrations(),
      () => ledger.wasSent('key'),
    ])
      await expect(ask()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE', retryable: true });
    await server.restart();
    expect(await ledger.findEvent('before')).toMatchObject({ workflowId: 'churn/kafka/before' });
    expect(await ledger.claimEvent(claim('meanwhile'))).toMatchObject({ key: 'meanwhile' });
  } finally {
    await ledger.close();
  }
});

test('connections that the server ends are replaced', async () => {
  const ledger = await open(server.settings);
  try {
    await Promise.all(Array.from({ length: 8 }, (_, index) => ledger.wasSent(String(index))));
    await server.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace'",
    );
    const answers = await Promise.allSettled(
      Array.from({ length: 8 }, (_, index) => ledger.wasSent(String(index))),
    );
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(await ledger.wasSent('afterwards')).toBe(false);
  } finally {
    await ledger.close();
  }
});

test('a question whose connection breaks before the answer is called unavailable', async () => {
  const ledger = await open(server.settings);
  const locking = await server.connect();
  try {
    await locking.query('BEGIN; LOCK TABLE notifications');
    const question = ledger.wasSent('key').catch((error: unknown) => error);
    const ended = async (): Promise<number> =>
      (
        await server.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace' AND wait_event_type = 'Lock'",
        )
      ).length;
    while ((await ended()) === 0);
    expect(await question).toMatchObject({ code: 'LEDGER_UNAVAILABLE', retryable: true });
    await locking.query('ROLLBACK');
    expect(await ledger.wasSent('key')).toBe(false);
  } finally {
    await locking.end();
    await ledger.close();
  }
});

test('a wrong password, an unknown database and a missing secret are each told without the secret', async () => {
  process.env.MILLRACE_TEST_PASSWORD = 'not the one';
  const refused = await open({ ...server.settings, password: 'env:MILLRACE_TEST_PASSWORD' }).catch(
    (error: unknown) => error,
  );
  expect(refused).toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
    retryable: true,
    message: expect.stringContaining('password authentication failed') as string,
  });
  expect(inspect(refused, { depth: 10 })).not.toContain('not the one');
  await expect(open({ ...server.settings, database: 'nobody' })).rejects.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
    where: `millrace@127.0.0.1:${String(server.settings.port)}/nobody`,
  });
  await expect(open({ ...server.settings, password: 'env:MILLRACE_NOT_SET' })).rejects.toMatchObject({
    code: 'PROJECT_FILE_INVALID',
  });
});

test('a password file that is missing while it is exchanged is an outage, and the ledger serves on when it is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-password-'));
  const file = join(folder, 'password');
  const { password = '' } = server.settings;
  await writeFile(file, await readSecret(password, '/'));
  const ledger = await open({ ...server.settings, password: `file:${file}` });
  try {
    await rm(file);
    await server.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'millrace'",
    );
    // The connection that was ended tells so to whoever asks first; then a new one is needed.
    await ledger.wasSent('key').catch(() => undefined);
    await expect(ledger.wasSent('key')).rejects.toMatchObject({
      code: 'LEDGER_UNAVAILABLE',
      retryable: true,
      message: expect.stringContaining(file) as string,
    });
    await writeFile(file, await readSecret(password, '/'));
    expect(await ledger.wasSent('key')).toBe(false);
  } finally {
    await ledger.close();
    await rm(folder, { recursive: true });
  }
});

test('a statement that is wrong is no outage', async () => {
  const ledger = await open(server.settings);
  try {
    await server.query('DROP TABLE notifications');
    await expect(ledger.wasSent('key')).rejects.toThrow('relation "notifications" does not exist');
  } finally {
    await ledger.close();
  }
});
