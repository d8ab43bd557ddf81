// Catches a pipeline file, a link or a pattern that leads out of the project, and user code that is missing when the training starts.
import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MillraceError } from '../../../src/contracts/errors';
import type { PipelineCatalog } from '../../../src/ports/pipeline-catalog';
import { CatalogProject, pipeline } from '../../support/catalog-project';

const project = new CatalogProject();
let root: string;
let outer: string;
beforeEach(async () => {
  await project.create();
  ({ root, outer } = project);
});
afterEach(() => project.remove());
const put = (files: Record<string, string>): Promise<void> => project.put(files);
const catalog = (): Promise<PipelineCatalog> => project.catalog();
const failure = (nameOrPath: string, params?: Record<string, unknown>): Promise<MillraceError> =>
  project.failure(nameOrPath, params);

describe('paths', () => {
  const withSource = (uri: string): string => pipeline('a').replace('data/c.csv', uri);

  test.each([
    '../secret.csv',
    'data/../../secret.csv',
    '/etc/passwd',
    'file:///etc/passwd',
    'file://../secret.csv',
    'data/../../*/secret.csv',
    '[data/c.csv, ../secret.csv]',
    'link/secret.csv',
    'link/*.csv',
    'dangling',
    '"data/\\0c.csv"',
  ])('a source may not leave the data root: %s', async (uri) => {
    await symlink(outer, join(root, 'link'));
    await symlink(join(outer, 'nowhere'), join(root, 'dangling'));
    await put({ 'pipelines/a.yaml': withSource(uri) });
    expect(await failure('a')).toMatchObject({
      code: 'PATH_OUTSIDE_ROOT',
      where: expect.stringMatching(/^pipelines\/a\.yaml:3:\d+$/) as string,
    });
  });

  test.each([
    'data/not-yet.csv',
    'data/*.csv',
    './data//c.csv',
    'file://data/c.csv',
    '..data/c.csv',
    'inner/c.csv',
  ])('inside is fine, and data may come later: %s', async (uri) => {
    await symlink(join(root, 'pipelines'), join(root, 'inner'));
    await put({ 'pipelines/a.yaml': withSource(uri) });
    await expect((await catalog()).load('a')).resolves.toBeDefined();
  });

  test('a data root outside the project holds when millrace.yaml says so', async () => {
    await put({
      'millrace.yaml': 'apiVersion: millrace/v1\ndataRoot: ../lake\n',
      'pipelines/a.yaml': withSource('c.csv'),
    });
    expect(await (await catalog()).load('a')).toMatchObject({ dataRoot: join(outer, 'lake') });
    await put({ 'pipelines/a.yaml': withSource('../project/c.csv') });
    expect(await failure('a')).toMatchObject({ code: 'PATH_OUTSIDE_ROOT' });
  });

  test('a view of a point-in-time join is data too', async () => {
    const features = 'features: { pointInTime: [{ view: ../u.parquet, entity: id, at: t, select: [n] }] }\n';
    await put({ 'pipelines/a.yaml': pipeline('a', features) });
    expect(await failure('a')).toMatchObject({ code: 'PATH_OUTSIDE_ROOT' });
  });

  const withTrainer = (trainer: string): string =>
    pipeline('a').replace('trainer: xgboost', `trainer: ${trainer}`);

  test.each([
    ['{ python: train.py:fit }', 'there is no file train.py'],
    ['{ python: here.py:fit, requirements: none.txt }', 'there is no file none.txt'],
    ['{ command: [python, here.py], include: [none] }', 'there is no file none'],
  ])('user code must be there: %s', async (trainer, message) => {
    await put({ 'pipelines/here.py': '', 'pipelines/a.yaml': withTrainer(trainer) });
    const error = await failure('a');
    expect(error.code).toBe('PIPELINE_FILE_INVALID');
    expect(error.message).toContain(message);
  });

  test.each([
    '{ python: ../train.py:fit }',
    '{ python: /etc/x.py:fit }',
    '{ command: [x], include: [..] }',
    '{ command: [x], requirements: ../../r.txt }',
  ])('user code may not come from outside: %s', async (trainer) => {
    await put({ 'train.py': '', 'pipelines/a.yaml': withTrainer(trainer) });
    expect(await failure('a')).toMatchObject({ code: 'PATH_OUTSIDE_ROOT' });
  });

  const withFeatures = (python: string): string =>
    `apiVersion: millrace/v1\nname: a\nsources: { c: { uri: data/c.csv } }\ndataset: { key: id }\npublish: { dataset: a }\nfeatures: { python: ${python} }\n`;

  test.each([
    ['../f.py:build', 'PATH_OUTSIDE_ROOT', '6:21'],
    ['{ function: f.py:build, include: [..] }', 'PATH_OUTSIDE_ROOT', '6:55'],
    ['{ function: f.py:build, requirements: ../../r.txt }', 'PATH_OUTSIDE_ROOT', '6:59'],
    ['none.py:build', 'PIPELINE_FILE_INVALID', '6:21'],
    ['{ function: none.py:build }', 'PIPELINE_FILE_INVALID', '6:33'],
  ])(
    'the code of a function that makes the table is there and stays inside: %s',
    async (python, code, place) => {
      await put({ 'f.py': '', 'pipelines/f.py': '', 'pipelines/a.yaml': withFeatures(python) });
      expect(await failure('a')).toMatchObject({ code, where: `pipelines/a.yaml:${place}` });
    },
  );

  test('code beside the file and shared requirements of the project are fine', async () => {
    await put({
      'requirements.txt': '',
      'pipelines/lib/x.py': '',
      'pipelines/train.py': '',
      'pipelines/a.yaml': withTrainer(
        '{ python: train.py:fit, requirements: ../requirements.txt, include: [lib] }',
      ),
    });
    await expect((await catalog()).load('a')).resolves.toBeDefined();
  });

  test.each(['path: ../in/*.csv', 'path: in/*.csv, after: { move: ../done }', 'path: link/*.csv'])(
    'a file trigger may not leave the data root: %s',
    async (trigger) => {
      await symlink(outer, join(root, 'link'));
      await put({ 'pipelines/a.yaml': `${pipeline('a')}triggers: [{ file: { ${trigger} } }]\n` });
      expect(await failure('a')).toMatchObject({ code: 'PATH_OUTSIDE_ROOT' });
    },
  );

  test('the pipeline file itself', async () => {
    await writeFile(join(outer, 'a.yaml'), pipeline('a'));
    await symlink(join(outer, 'a.yaml'), join(root, 'pipelines/linked.yaml'));
    for (const path of ['../a.yaml', join(outer, 'a.yaml'), 'pipelines/linked.yaml', 'a'])
      expect(await failure(path)).toMatchObject({ code: 'PATH_OUTSIDE_ROOT' });
  });
});
