/**
 * Catches: an environment that is built twice or found half-built, a key that misses a change of what is installed (or changes without one), a user's
 * package that drags in another version of what the trainers need, and a changed trainer that invalidates the work of all others.
 */
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  createTrainerEnvironments,
  type TrainerEnvironmentOptions,
} from '../../../src/adapters/trainer-environment';
import { currentProcess } from '../../../src/adapters/local-host/process-identity';
import { startTypeScript } from '../../support/child-process';
import { pythonFolder } from '../../support/python';

jest.setTimeout(120_000);

const run = promisify(execFile);
const trainers = join(__dirname, '..', '..', '..', 'trainers');

let root: string;
let options: TrainerEnvironmentOptions;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-environments-'));
  // Counts what it is asked for; else it is uv.
  const uv = join(root, 'uv');
  await writeFile(
    uv,
    `#!/bin/sh\necho "$1 $2" >> "${root}/calls"\nexec "${join(pythonFolder(), 'uv')}" "$@"\n`,
  );
  await chmod(uv, 0o755);
  options = {
    basePython: join(pythonFolder(), 'python'),
    baseLock: join(trainers, 'requirements.lock'),
    trainersPath: trainers,
    cacheRoot: join(root, 'cache'),
    uv,
  };
});

afterEach(() => rm(root, { recursive: true, force: true }));

async function requirements(text: string, name = 'requirements.txt'): Promise<string> {
  await writeFile(join(root, name), text);
  return join(root, name);
}

async function calls(): Promise<string[]> {
  return (await readFile(join(root, 'calls'), 'utf8').catch(() => '')).split('\n').filter(Boolean);
}

async function left(folder: string): Promise<string[]> {
  return readdir(join(root, 'cache', folder), { recursive: true });
}

test("a layer has the user's packages in the asked version, and the base's in the base's", async () => {
  const file = await requirements('humanize==4.9.0\npython-dateutil\n');
  const environment = await createTrainerEnvironments(options).withRequirements(file);
  const program = `
import json, sys, humanize, dateutil, sklearn, duckdb
from importlib.metadata import version
own = [module.__file__.startswith(sys.prefix) for module in (humanize, dateutil, sklearn)]
print(json.dumps([own, [version(name) for name in ("humanize", "scikit-learn", "duckdb")]]))`;
  const { stdout } = await run(environment.python, ['-c', program]);
  expect(JSON.parse(stdout)).toEqual([
    [true, false, false],
    ['4.9.0', '1.7.2', '1.5.6'],
  ]);
});

test('the second time nothing runs: same interpreter, same digest, from this process or a later one', async () => {
  const file = await requirements('humanize==4.9.0\n');
  const environments = createTrainerEnvironments(options);
  const first = await environments.withRequirements(file);
  expect(await calls()).toEqual(['pip compile', 'venv --quiet', 'pip install']);
  expect(await environments.withRequirements(file)).toEqual(first);
  expect(await createTrainerEnvironments(options).withRequirements(file)).toEqual(first);
  expect(await calls()).toHaveLength(3);
});

test('the digest follows what is installed, not how the file is written', async () => {
  const environments = createTrainerEnvironments(options);
  const digest = async (text: string): Promise<string> =>
    (await environments.withRequirements(await requirements(text))).digest;
  const pinned = await digest('humanize==4.9.0\n');
  expect(await digest('# for messages\nhumanize == 4.9.0')).toBe(pinned);
  expect(await digest('humanize==4.10.0\n')).not.toBe(pinned);
  await requirements('humanize==4.10.0\n', 'more.txt');
  const including = await digest('-r more.txt\n');
  await requirements('humanize==4.9.0\n', 'more.txt');
  expect(await digest('-r more.txt\n')).toBe(pinned);
  expect(including).not.toBe(pinned);
  expect((await environments.base()).digest).not.toBe(pinned);
});

test('the digest of the base follows its lock', async () => {
  const baseLock = join(root, 'base.lock');
  await cp(options.baseLock, baseLock);
  const digest = async (): Promise<string> =>
    (await createTrainerEnvironments({ ...options, baseLock }).base()).digest;
  const before = await digest();
  expect(await digest()).toBe(before);
  expect(before).toBe((await createTrainerEnvironments(options).base()).digest);
  await writeFile(baseLock, (await readFile(baseLock, 'utf8')).replace('duckdb==1.5.6', 'duckdb==1.5.5'));
  expect(await digest()).not.toBe(before);
});

test('three processes that want the same environment build it once', async () => {
  const file = await requirements('humanize==4.9.0\n');
  const children = [1, 2, 3].map(() =>
    startTypeScript(join(__dirname, 'building-worker.ts'), [JSON.stringify(options), file]),
  );
  const lines = children.map((child) => child.lines[Symbol.asyncIterator]());
  for (const line of lines) expect((await line.next()).value).toBe('ready');
  for (const child of children) child.process.stdin?.write('go\n');
  const answers = await Promise.all(lines.map(async (line) => (await line.next()).value as string));
  await Promise.all(children.map((child) => child.ended));
  expect(new Set(answers).size).toBe(1);
  expect((await calls()).filter((call) => call.startsWith('venv'))).toHaveLength(1);
  expect((await left('environments')).filter((name) => /^[0-9a-f]+\.lock$/.test(name))).toEqual([]);
});

test('a builder that died does not block those who come after it', async () => {
  const file = await requirements('humanize==4.9.0\n');
  const { digest } = await createTrainerEnvironments(options).withRequirements(file);
  await rm(join(root, 'cache', 'environments'), { recursive: true });
  await mkdir(join(root, 'cache', 'environments'));
  const self = currentProcess();
  const dead = { ...self, startTicks: self.startTicks - 1 };
  await writeFile(join(root, 'cache', 'environments', `${digest}.lock`), JSON.stringify(dead));
  const owner = [dead.bootId, dead.pidNamespace.replace(/\D/g, ''), dead.pid, dead.startTicks].join('_');
  await mkdir(join(root, 'cache', 'staging', owner, 'half-built'), { recursive: true });
  const environment = await createTrainerEnvironments(options).withRequirements(file);
  expect(environment.digest).toBe(digest);
  await run(environment.python, ['-c', 'import humanize']);
  expect(await left('environments')).not.toContain(`${digest}.lock`);
  expect(await left('staging')).not.toContain(owner);
});

test('requirements that contradict the base, or that nobody has, are told in the words of the resolver', async () => {
  const environments = createTrainerEnvironments(options);
  await expect(
    environments.withRequirements(await requirements('scikit-learn==1.6.0\n')),
  ).rejects.toMatchObject({
    code: 'TRAINER_ENVIRONMENT_FAILED',
    retryable: false,
    message: expect.stringContaining('scikit-learn==1.7.2') as string,
  });
  expect((await left('.')).filter((name) => /environments|locks\//.test(name))).toEqual([]);
});

test.each([
  ['-e ./mine\n', /:1/],
  ['six\n./mine\n', /:2/],
  ['mine @ file:///opt/mine\n', /:1/],
  ['--index-url https://ada:sesame@packages.example/simple\n', /:1/],
  ['-r ../outside.txt\n', /:1/],
  ['-r absent.txt\n', /:1/],
])('%j is refused with its line', async (text, where) => {
  await mkdir(join(root, 'project'));
  await requirements('six\n', 'outside.txt');
  const file = await requirements(text, 'project/requirements.txt');
  const refused = createTrainerEnvironments(options).withRequirements(file);
  await expect(refused).rejects.toMatchObject({
    code: 'TRAINER_ENVIRONMENT_FAILED',
    where: expect.stringMatching(where) as string,
  });
  await expect(refused).rejects.not.toThrow(/sesame/);
  expect(await calls()).toEqual([]);
});

describe("the digest of the trainers' code", () => {
  test('changes for exactly those trainers that the changed file belongs to', async () => {
    const trainersPath = join(root, 'trainers');
    await cp(join(trainers, 'millrace_trainer'), join(trainersPath, 'millrace_trainer'), { recursive: true });
    const environments = createTrainerEnvironments({ ...options, trainersPath });
    const reference = ['sklearn/random-forest', 'sklearn/logistic-regression', 'xgboost', 'lightgbm'];
    const names = [...reference, 'own'];
    const digests = (): Promise<string[]> =>
      Promise.all(names.map((name) => environments.trainerCodeDigest(name === 'own' ? undefined : name)));
    const changedBy = async (file: string): Promise<string[]> => {
      const before = await digests();
      const path = join(trainersPath, 'millrace_trainer', file);
      await writeFile(path, `${await readFile(path, 'utf8')}\n# changed\n`);
      const after = await digests();
      return names.filter((_, index) => before[index] !== after[index]);
    };
    expect(await changedBy('reference/forest.py')).toEqual(['sklearn/random-forest']);
    expect(await changedBy('reference/boosting.py')).toEqual(['xgboost', 'lightgbm']);
    expect(await changedBy('reference/fitting.py')).toEqual(reference);
    expect(await changedBy('training.py')).toEqual(names);
    expect(await changedBy('packed/millrace_model/encoder.py')).toEqual(names);
    expect(await changedBy('supervise.py')).toEqual([]);
  });

  test('an unknown trainer is named, with those that are known', async () => {
    await expect(
      createTrainerEnvironments(options).trainerCodeDigest('sklearn/forest'),
    ).rejects.toMatchObject({
      code: 'TRAINER_UNKNOWN',
      mend: expect.stringContaining('sklearn/random-forest') as string,
    });
  });
});
