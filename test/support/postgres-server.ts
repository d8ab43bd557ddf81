/** A real PostgreSQL for tests: Debian's programs, a folder of its own, a free port of the loopback address. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { postgresSchema, type PostgresSettings } from '../../src/contracts/project-file';
import { freePort } from './free-port';
import { ServerProcess } from './server-process';

const run = promisify(execFile);
const START_LIMIT_MS = 60_000;
const PASSWORD = 'a password with "quotes" and spaces';

/** A server with a database and a user `millrace`, which asks for a password. */
export interface PostgresServer {
  /** As they would stand in millrace.yaml, with their defaults. */
  readonly settings: PostgresSettings;
  /** A connection of its own; end it. */
  connect(): Promise<Client>;
  /** Asks it directly. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Ends it at once, as a crash would; its data and port stay. */
  kill(): Promise<void>;
  /** Starts it again on its data and port, after `kill`. */
  restart(): Promise<void>;
}

/** Starts one. @throws Error with the server's log when it does not answer in time. */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = programsFolder();
  const identity = await unprivileged();
  const folder = await mkdtemp(join(tmpdir(), 'millrace-postgres-'));
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, PASSWORD);
  if (identity.uid !== undefined && identity.gid !== undefined) {
    await chown(folder, identity.uid, identity.gid);
    await chown(passwordFile, identity.uid, identity.gid);
  }
  const data = join(folder, 'data');
  const log = join(folder, 'server.log');
  const settings = postgresSchema.parse({ port: await freePort(), password: `file:${passwordFile}` });
  const connect = async (database: string = settings.database): Promise<Client> => {
    const { host, port, user } = settings;
    const client = new Client({ host, port, user, database, password: PASSWORD });
    await client.connect();
    return client;
  };
  const query = async (sql: string, database?: string): Promise<Record<string, unknown>[]> => {
    const client = await connect(database);
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const server = new ServerProcess({
    name: 'PostgreSQL',
    command: join(programs, 'postgres'),
    args: serverArguments(data, folder, settings),
    options: { ...identity, cwd: folder },
    log,
    // SIGKILL would leave its children, and its shared memory.
    killSignal: 'SIGQUIT',
    async untilServing(hasEnded) {
      const deadline = Date.now() + START_LIMIT_MS;
      for (;;) {
        try {
          await query('SELECT 1', 'postgres');
          return;
        } catch (error) {
          if (hasEnded() || Date.now() > deadline) throw error;
        }
        await pause(20);
      }
    },
  });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });

  try {
    const asked = ['--pgdata', data, '--username', settings.user, '--pwfile', passwordFile];
    const kept = ['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'];
    await run(join(programs, 'initdb'), [...asked, ...kept], { ...identity, cwd: folder });
    await server.start();
    await query(`CREATE DATABASE ${settings.database}`, 'postgres');
  } catch (error) {
    await server.kill();
    await remove();
    throw error;
  }
  return {
    settings,
    connect: () => connect(),
    query: (sql) => query(sql),
    async stop() {
      await server.end('SIGINT');
      await remove();
    },
    kill: () => server.kill(),
    restart: () => server.start(),
  };
}

function serverArguments(data: string, folder: string, { host, port }: PostgresSettings): string[] {
  // What is written survives the end of the process, which tests bring about, though not of the machine's power.
  const quick = ['fsync=off', 'full_page_writes=off', 'shared_buffers=16MB', 'max_connections=200'];
  return [
    ...['-D', data, '-h', host, '-p', String(port), '-k', folder],
    ...quick.flatMap((setting) => ['-c', setting]),
  ];
}

/** Debian keeps the programs out of the PATH, a folder a version. */
function programsFolder(): string {
  const versions = readdirSync('/usr/lib/postgresql').sort((one, other) => Number(other) - Number(one));
  return join('/usr/lib/postgresql', versions[0] ?? '', 'bin');
}

/** PostgreSQL refuses to run as root. */
async function unprivileged(): Promise<{ uid?: number; gid?: number }> {
  if (process.getuid?.() !== 0) return {};
  const number = async (flag: string): Promise<number> =>
    Number((await run('id', [flag, 'postgres'])).stdout.trim());
  return { uid: await number('-u'), gid: await number('-g') };
}
