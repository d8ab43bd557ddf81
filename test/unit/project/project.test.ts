/** Catches: a project file whose mistakes are ignored, an environment that falls back to another in silence, a secret written into the file. */
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProjectRoot, readProject } from '../../../src/adapters/project';
import type { MillraceError } from '../../../src/contracts/errors';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'millrace-project-')));
});

afterEach(() => rm(root, { recursive: true, force: true }));

const put = (text: string): Promise<void> => writeFile(join(root, 'millrace.yaml'), text);
const failure = async (text: string, environment?: string): Promise<MillraceError> => {
  await put(text);
  try {
    (await readProject(root)).environment(environment);
  } catch (error) {
    return error as MillraceError;
  }
  throw new Error('it was accepted');
};

test('without a file everything has its default', async () => {
  const project = await readProject(root);
  expect(project).toMatchObject({ root, hasFile: false, pipelines: join(root, 'pipelines'), dataRoot: root });
  expect(project.environment()).toEqual({
    name: 'local',
    settings: {
      temporal: {},
      store: { path: '.millrace/store' },
      mlflow: {},
      ledger: { path: '.millrace/ledger.sqlite' },
      modelPrefix: '',
      channels: {},
      api: { host: '127.0.0.1', port: 0 },
      pools: {},
    },
  });
});

test('environments by name, the default one unless told', async () => {
  await put(`apiVersion: millrace/v1
pipelines: flows
default: staging
environments:
  staging: { modelPrefix: staging-, mlflow: { token: "env:MLFLOW_TOKEN" }, channels: { log: { type: file, path: log.txt } } }
  local: {}
`);
  const project = await readProject(root);
  expect(project.pipelines).toBe(join(root, 'flows'));
  expect(project.environment().settings.modelPrefix).toBe('staging-');
  expect(project.environment('local').name).toBe('local');
});

test.each([
  [
    'an unknown key',
    'apiVersion: millrace/v1\nenvironment: {}\n',
    'millrace.yaml:2:1 environment: unknown key; did you mean environments?',
  ],
  ['another version', 'apiVersion: millrace/v2\n', 'millrace.yaml:1:13 apiVersion: expected millrace/v1'],
  ['no version', 'pipelines: p\n', 'apiVersion: is missing'],
  [
    'a secret',
    'apiVersion: millrace/v1\nenvironments: { local: { mlflow: { password: hunter2 } } }\n',
    'write env:NAME or file:PATH; secrets never stand in this file',
  ],
  [
    'a default that is not there',
    'apiVersion: millrace/v1\ndefault: prd\nenvironments: { prod: {} }\n',
    'millrace.yaml:2:10 default: the default environment prd does not stand under environments; did you mean prod?',
  ],
  [
    'a tab',
    'apiVersion: millrace/v1\nenvironments:\n\tlocal: {}\n',
    'millrace.yaml:3:1 a tab stands where YAML wants spaces',
  ],
  [
    'an unknown channel type',
    'apiVersion: millrace/v1\nenvironments: { local: { channels: { c: { type: slak } } } }\n',
    'channels.c.type',
  ],
  [
    'a store of two kinds',
    'apiVersion: millrace/v1\nenvironments: { local: { store: { paht: x } } }\n',
    'store',
  ],
])('%s is refused', async (_, text, expected) => {
  const error = await failure(text);
  expect(error.code).toBe('PROJECT_FILE_INVALID');
  expect(error.message).toContain(expected);
});

test('a secret does not come back in the error', async () => {
  const error = await failure(
    'apiVersion: millrace/v1\nenvironments: { local: { mlflow: { password: hunter2 } } }\n',
  );
  expect(error.describe() + JSON.stringify(error.details)).not.toContain('hunter2');
});

test('pipelines outside the project', async () => {
  expect(await failure('apiVersion: millrace/v1\npipelines: ../elsewhere\n')).toMatchObject({
    code: 'PATH_OUTSIDE_ROOT',
  });
});

test('an environment that is not there is named with the nearest one', async () => {
  const error = await failure(
    'apiVersion: millrace/v1\nenvironments: { local: {}, staging: {} }\n',
    'stagin',
  );
  expect(error.code).toBe('PROJECT_FILE_INVALID');
  expect(error.message).toContain('did you mean staging?');
  expect(await failure('apiVersion: millrace/v1\n', 'toString')).toMatchObject({
    code: 'PROJECT_FILE_INVALID',
  });
});

test('what an environment asks for and cannot have yet is refused when it is chosen, by key and line', async () => {
  const text = `apiVersion: millrace/v1
environments:
  local: {}
  prod:
    channels: { ops: { type: slack, url: "env:SLACK" } }
`;
  await put(text);
  expect((await readProject(root)).environment().name).toBe('local');
  const error = await failure(text, 'prod');
  expect(error).toMatchObject({ code: 'NOT_SUPPORTED_YET', where: 'millrace.yaml:5:24' });
  expect(error.message).toContain('5:24 environments.prod.channels.ops.type');
});

test('the root is the nearest folder upwards with a project file, else the folder itself', async () => {
  await mkdir(join(root, 'a/b'), { recursive: true });
  expect(await findProjectRoot(join(root, 'a/b'))).toBe(join(root, 'a/b'));
  await put('apiVersion: millrace/v1\n');
  expect(await findProjectRoot(join(root, 'a/b'))).toBe(root);
  await writeFile(join(root, 'a/millrace.yaml'), 'apiVersion: millrace/v1\n');
  expect(await findProjectRoot(join(root, 'a/b'))).toBe(join(root, 'a'));
});
