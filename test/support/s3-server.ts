/** A real S3-compatible server for tests: SeaweedFS with its data in a folder of its own. One per test file. */
import { S3Client, CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Connection } from '../../src/contracts/project-file';
import { until } from './faults/until';
import { freePorts } from './free-port';
import { pythonFolder } from './python';
import { ServerProcess } from './server-process';

const START_LIMIT_MS = 120_000;

/** Key pair of the one user of the server. */
export const S3_KEYS = { accessKey: 'millrace-test', secretKey: 'not-a-secret-of-anyone' } as const;
/** Variables by which a project file names the key pair: `env:MILLRACE_TEST_S3_KEY`. */
export const S3_VARIABLES = {
  MILLRACE_TEST_S3_KEY: S3_KEYS.accessKey,
  MILLRACE_TEST_S3_SECRET: S3_KEYS.secretKey,
} as const;

/** A running server with a bucket. */
export interface S3Server {
  /** `http://127.0.0.1:<port>`, the same after a restart. */
  readonly endpoint: string;
  readonly bucket: string;
  /** As millrace.yaml names it, with the keys by reference to {@link S3_VARIABLES}. */
  readonly connection: S3Connection;
  /** A client that knows nothing of Millrace: what a test looks at and puts there. */
  readonly client: S3Client;
  put(key: string, body: string | Buffer): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL; data and ports stay. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/**
 * Starts a server on free ports, and waits until a write has succeeded: its port answers long before that.
 * Puts the key pair into the variables of this process.
 * @throws Error with the server's log when it does not come up.
 */
export async function startS3Server(bucket = 'millrace-test'): Promise<S3Server> {
  Object.assign(process.env, S3_VARIABLES);
  const folder = await mkdtemp(join(tmpdir(), 'millrace-s3-'));
  const { flags, s3Port } = await serverFlags(folder);
  const endpoint = `http://127.0.0.1:${String(s3Port)}`;
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: S3_KEYS.accessKey, secretAccessKey: S3_KEYS.secretKey },
    maxAttempts: 1,
  });
  const put = async (key: string, body: string | Buffer): Promise<void> => {
    const Body = Buffer.from(body);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body, ContentLength: Body.length }));
  };
  const takesWrites = async (hasEnded: () => boolean): Promise<boolean> => {
    if (hasEnded()) throw new Error('the process ended');
    try {
      await client.send(new CreateBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
        if (!(error instanceof Error) || !error.name.startsWith('BucketAlready')) throw error;
      });
      await put('.first-write', 'ready');
      return true;
    } catch {
      return false;
    }
  };
  const server = new ServerProcess({
    name: 'the S3 server',
    command: join(pythonFolder(), 'weed'),
    args: flags,
    options: { cwd: folder },
    log: join(folder, 'server.log'),
    async untilServing(hasEnded) {
      await until('the S3 server takes a write', () => takesWrites(hasEnded), START_LIMIT_MS);
    },
  });
  const remove = async (): Promise<void> => {
    client.destroy();
    await rm(folder, { recursive: true, force: true });
  };
  await server.start().catch(async (error: unknown) => {
    await remove();
    throw error;
  });
  return {
    endpoint,
    bucket,
    connection: {
      endpoint,
      region: 'us-east-1',
      accessKey: 'env:MILLRACE_TEST_S3_KEY',
      secretKey: 'env:MILLRACE_TEST_S3_SECRET',
      pathStyle: true,
    },
    client,
    put,
    async stop() {
      // It takes half a minute to leave in order, and its data goes anyway.
      await server.kill();
      await remove();
    },
    kill: () => server.kill(),
    restart: () => server.start(),
  };
}

/** Every listener on a port of its own: those of gRPC would otherwise lie 10,000 above, where they may not fit. */
async function serverFlags(folder: string): Promise<{ flags: string[]; s3Port: number }> {
  const data = join(folder, 'data');
  const config = join(folder, 's3.json');
  await mkdir(data);
  const { accessKey, secretKey } = S3_KEYS;
  const user = { name: 'test', credentials: [{ accessKey, secretKey }], actions: ['Admin'] };
  await writeFile(config, JSON.stringify({ identities: [user] }));
  const listeners = ['master', 'volume', 'filer', 's3'].flatMap((part) => [
    `${part}.port`,
    `${part}.port.grpc`,
  ]);
  const ports = await freePorts(listeners.length);
  return {
    s3Port: ports[listeners.indexOf('s3.port')] ?? 0,
    flags: [
      ...['server', `-dir=${data}`, '-ip=127.0.0.1', '-ip.bind=127.0.0.1', '-s3', `-s3.config=${config}`],
      ...listeners.map((name, index) => `-${name}=${String(ports[index])}`),
      ...['-s3.port.iceberg=0', '-s3.port.lance=0', '-master.volumeSizeLimitMB=64', '-volume.max=40'],
      // A restarted server would otherwise wait for others to vote.
      ...['-master.telemetry=false', '-master.electionTimeout=1s'],
    ],
  };
}
