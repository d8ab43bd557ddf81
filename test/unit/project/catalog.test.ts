/**
 * Catches: a pipeline that is found under the wrong name, a broken file that hides behind "not found".
 */
import { execFileSync } from 'node:child_process';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPipelineCatalog, listPipelineFiles, readProject } from '../../../src/adapters/project';
import { kubernetesSettingsSchema } from '../../../src/contracts/kubernetes-settings';
import type { MillraceError } from '../../../src/contracts/errors';
import type { PipelineCatalog } from '../../../src/ports/pipeline-catalog';
import { CatalogProject, pipeline } from '../../support/catalog-project';

const project = new CatalogProject();
let root: string;
beforeEach(async () => {
  await project.create();
  ({ root } = project);
});
afterEach(() => project.remove());
const put = (files: Record<string, string>): Promise<void> => project.put(files);
const catalog = (): Promise<PipelineCatalog> => project.catalog();
const failure = (nameOrPath: string, params?: Record<string, unknown>): Promise<MillraceError> =>
  project.failure(nameOrPath, params);

test('a pipeline is found by its name, whatever its file is called, and by its path', async () => {
  await put({ 'pipelines/team/first.yml': pipeline('churn') });
  const byName = await (await catalog()).load('churn');
  expect(byName).toMatchObject({
    spec: { name: 'churn' },
    file: join(root, 'pipelines/team/first.yml'),
    directory: join(root, 'pipelines/team'),
    projectRoot: root,
    dataRoot: root,
  });
  expect(await (await catalog()).load('pipelines/team/first.yml')).toEqual(byName);
});

test('the digest follows the content and the parameters, not comments, order of keys or place', async () => {
  const params = 'params: { depth: { type: integer, default: 6 } }\ndescription: "d {{ params.depth }}"\n';
  await put({ 'pipelines/a.yaml': pipeline('a', params) });
  const load = async (given?: Record<string, unknown>): Promise<string> =>
    (await (await catalog()).load('a', given)).digest;
  const digest = await load();
  expect(await load({ depth: 6 })).toBe(digest);
  expect(await load({ depth: 7 })).not.toBe(digest);
  await rm(join(root, 'pipelines/a.yaml'));
  await put({ 'pipelines/sub/b.yaml': `# moved\n${params}${pipeline('a')}` });
  expect(await load()).toBe(digest);
});

test('the commit is that of the repository, marked when tracked files are changed', async () => {
  await put({ 'pipelines/a.yaml': pipeline('a') });
  expect((await (await catalog()).load('a')).gitCommit).toBeUndefined();
  const git = (...words: string[]): string =>
    execFileSync('git', ['-C', root, '-c', 'user.name=t', '-c', 'user.email=t@example.org', ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  git('init', '-q');
  expect((await (await catalog()).load('a')).gitCommit).toBeUndefined();
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  git('tag', 'v1');
  const commit = git('rev-parse', 'HEAD');
  expect((await (await catalog()).load('a')).gitCommit).toBe(commit);
  await put({ 'pipelines/a.yaml': pipeline('a', '# changed\n') });
  expect((await (await catalog()).load('a')).gitCommit).toBe(`${commit}-dirty`);
});

test('a pool that the environment has not is refused by name, before any run', async () => {
  await put({
    'millrace.yaml': 'apiVersion: millrace/v1\nenvironments: { local: { pools: { gpu: 4 } } }\n',
    'pipelines/a.yaml': pipeline('a', 'training: { pool: gpus }\n'),
  });
  const read = await readProject(root);
  const strict = createPipelineCatalog({
    project: read,
    environment: read.environment().settings,
    refusesWhatIsNotThere: true,
  });
  await expect(strict.load('a')).rejects.toMatchObject({
    code: 'POOL_UNKNOWN',
    message: expect.stringMatching(
      /a\.yaml:6:\d+ training\.pool: .* no pool gpus; did you mean gpu\?/,
    ) as string,
  });
  expect((await strict.list())[0]?.problem?.code).toBe('POOL_UNKNOWN');
  await put({ 'pipelines/a.yaml': pipeline('a', 'training: { pool: gpu }\n') });
  expect((await strict.load('a')).spec.training.pool).toBe('gpu');
});

describe('not found', () => {
  test('names the nearest one and all there are', async () => {
    await put({ 'pipelines/a.yaml': pipeline('telco-churn'), 'pipelines/b.yaml': pipeline('tweets') });
    const error = await failure('telco-chrun');
    expect(error.code).toBe('PIPELINE_NOT_FOUND');
    expect(error.message).toContain('Did you mean telco-churn?');
    expect(error.mend).toContain('telco-churn, tweets');
  });

  test('an empty project says how to begin', async () => {
    await rm(join(root, 'pipelines'), { recursive: true });
    expect((await failure('churn')).mend).toContain('millrace init');
    expect(await (await catalog()).list()).toEqual([]);
  });

  test('a path without a file', async () => {
    expect(await failure('pipelines/none.yaml')).toMatchObject({ code: 'PIPELINE_NOT_FOUND' });
  });

  test('a file that is no YAML is told by its fault, when its text or its name says that it was meant', async () => {
    await put({
      'pipelines/other.yaml': `name: churn\nsources:\n\tcustomers: {}\n`,
      'pipelines/late.yaml': 'a: [',
    });
    expect(await failure('churn')).toMatchObject({
      code: 'PIPELINE_FILE_INVALID',
      where: 'pipelines/other.yaml:3:1',
    });
    expect(await failure('late')).toMatchObject({ code: 'PIPELINE_FILE_INVALID' });
    expect((await failure('neither')).mend).toContain('pipelines/late.yaml');
  });
});

test('two files of one name are refused, by name and by path, naming both with their lines', async () => {
  await put({
    'pipelines/a.yaml': pipeline('churn'),
    'pipelines/sub/b.yaml': `# second\n${pipeline('churn')}`,
  });
  for (const wanted of ['churn', 'pipelines/sub/b.yaml'])
    expect(await failure(wanted)).toMatchObject({
      code: 'PIPELINE_FILE_INVALID',
      message: 'Two pipeline files are called churn: pipelines/a.yaml:2 and pipelines/sub/b.yaml:3.',
    });
  const listed = await (await catalog()).list();
  expect(listed.map(({ problem }) => problem?.code)).toEqual(Array(2).fill('PIPELINE_FILE_INVALID'));
});

test('all problems of a file stand in one error, in the order of the lines, and bounded', async () => {
  const many = Array.from({ length: 200 }, (_, index) => `wrong${index}: 1\n`).join('');
  await put({ 'pipelines/a.yaml': pipeline('a', many) });
  const error = await failure('a');
  expect(error.code).toBe('PIPELINE_FILE_INVALID');
  expect(error.where).toBe('pipelines/a.yaml:6:1');
  expect(error.message.split('\n')[0]).toBe('pipelines/a.yaml has 200 problems:');
  expect(error.message).toContain('\n  pipelines/a.yaml:6:1 wrong0: unknown key');
  expect(error.message).toContain('and 170 more');
  expect(error.details).toMatchObject({ more: 170 });
  expect(JSON.stringify(error.details).length).toBeLessThan(16_384);
});

test('what cannot be done yet has its own code, unless something else is wrong as well', async () => {
  await put({
    'pipelines/a.yaml': pipeline('a', 'registry: { model: m }\ndeploy: { target: kubernetes }\n'),
  });
  expect(await failure('a')).toMatchObject({ code: 'NOT_SUPPORTED_YET', where: 'pipelines/a.yaml:7:11' });
  await put({ 'pipelines/a.yaml': pipeline('a', 'deploy: { target: kubernetes }\nsla: soon\n') });
  expect(await failure('a')).toMatchObject({ code: 'PIPELINE_FILE_INVALID' });
});

test('a cluster that the environment has not is missed by name, before any run', async () => {
  await put({
    'millrace.yaml': 'apiVersion: millrace/v1\n',
    'pipelines/a.yaml': pipeline('a', 'training: { backend: kubernetes }\n'),
  });
  const found = await readProject(project.root);
  const environment = found.environment(undefined).settings;
  const strict = createPipelineCatalog({ project: found, environment, refusesWhatIsNotThere: true });
  await expect(strict.load('a')).rejects.toMatchObject({
    code: 'KUBERNETES_CONFIG',
    where: 'pipelines/a.yaml:6:22',
  });
  const kubernetes = kubernetesSettingsSchema.parse({
    namespace: 'ml',
    image: 'trainer:1',
    jobs: { path: '/jobs', volume: { claim: 'jobs' } },
  });
  const there = { ...environment, kubernetes };
  const served = createPipelineCatalog({ project: found, environment: there, refusesWhatIsNotThere: true });
  expect((await served.load('a')).spec.training.backend).toBe('kubernetes');
});

test('a parameter that a run must give is asked for by the flag to add', async () => {
  await put({ 'pipelines/a.yaml': pipeline('a', 'params: { day: { type: date } }\n') });
  const error = await failure('a');
  expect(error.code).toBe('PIPELINE_PARAMETER_INVALID');
  expect(error.message).toContain('pipelines/a.yaml:6:11 params.day: day has no default');
  expect(await failure('a', { day: 'today' })).toMatchObject({ code: 'PIPELINE_PARAMETER_INVALID' });
  expect((await (await catalog()).load('a', { day: '2024-01-31' })).spec.name).toBe('a');
  // Not a fault of the file: a list shows none.
  expect((await (await catalog()).list())[0]).not.toHaveProperty('problem');
});

describe('files that are no pipeline files', () => {
  test('too large, a folder, no UTF-8', async () => {
    await put({ 'pipelines/large.yaml': '', 'pipelines/latin.yaml': '' });
    await truncate(join(root, 'pipelines/large.yaml'), 1024 * 1024 + 1);
    await writeFile(join(root, 'pipelines/latin.yaml'), Buffer.from([0x6e, 0xe9]));
    await mkdir(join(root, 'pipelines/folder.yaml'));
    for (const [name, message] of [
      ['large', /1048577 bytes, more than/],
      ['latin', /is not UTF-8/],
      ['folder', /is not a file/],
    ] as const) {
      const error = await failure(`pipelines/${name}.yaml`);
      expect(error.code).toBe('PIPELINE_FILE_INVALID');
      expect(error.message).toMatch(message);
    }
  });

  test('a named pipe does not block', async () => {
    execFileSync('mkfifo', [join(root, 'pipelines/pipe.yaml')]);
    expect(await failure('pipelines/pipe.yaml')).toMatchObject({
      message: expect.stringMatching(/is not a file/) as string,
    });
  });

  test('other YAML, hidden files, data and packages are not listed', async () => {
    await put({
      'pipelines/a.yaml': pipeline('a'),
      'pipelines/.hidden.yaml': pipeline('b'),
      'pipelines/data/c.yaml': pipeline('c'),
      'pipelines/node_modules/d.yaml': pipeline('d'),
      'pipelines/model/conda.yaml': 'channels: [conda-forge]\n',
      'pipelines/notes.txt': '',
    });
    expect((await (await catalog()).list()).map(({ name }) => name)).toEqual(['a']);
    expect(await listPipelineFiles(await readProject(root))).toHaveLength(2);
  });
});

test('a list has broken files too, with what is wrong, and twenty pipelines in order', async () => {
  await put(
    Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [
        `pipelines/p${String(index).padStart(2, '0')}.yaml`,
        pipeline(`p-${index}`, `owner: team-${index}\ntags: [t]\n`),
      ]),
    ),
  );
  await put({ 'pipelines/broken.yaml': 'a: [', 'pipelines/wrong.yaml': pipeline('wrong', 'sla: soon\n') });
  const listed = await (await catalog()).list();
  expect(listed).toHaveLength(22);
  expect(listed[0]).toMatchObject({
    file: 'pipelines/broken.yaml',
    problem: { code: 'PIPELINE_FILE_INVALID' },
  });
  expect(listed[1]).toEqual({
    file: 'pipelines/p00.yaml',
    name: 'p-0',
    owner: 'team-0',
    tags: ['t'],
    params: {},
  });
  expect(listed[21]).toMatchObject({ name: 'wrong', problem: { code: 'PIPELINE_FILE_INVALID' } });
});
