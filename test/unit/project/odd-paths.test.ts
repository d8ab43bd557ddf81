/**
 * Catches: a path at which the operating system or Node throws (a name longer than any file's, links in a circle, an address that cannot be
 * decoded) and that then ends a command with a stack trace, or hides all other pipelines.
 */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPipelineCatalog, readProject, standingOf } from '../../../src/adapters/project';

let root: string;

beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'millrace-paths-')));
});

afterEach(() => rm(root, { recursive: true, force: true }));

test('a name that is too long for a file is missing', async () => {
  const name = `${'long'.repeat(100)}.py`;
  await expect(standingOf(name, root, root)).resolves.toBe('missing');
  await expect(standingOf(`${name}/fit.py`, root, root)).resolves.toBe('missing');
});

test('links in a circle lead nowhere, which is outside', async () => {
  await symlink('circle', join(root, 'circle'));
  await expect(standingOf('circle', root, root)).resolves.toBe('outside');
  await expect(standingOf('circle/c.csv', root, root)).resolves.toBe('outside');
});

test('an address that cannot be decoded is taken as it stands', async () => {
  await expect(standingOf('file:///data/%zz.csv', root, root)).resolves.toBe('outside');
  await expect(standingOf(`file://${root}/%zz.csv`, root, root)).resolves.toBe('missing');
});

test('a pipeline with such a path is listed with its problem, beside the others', async () => {
  const pipeline = (name: string, uri: string): string =>
    `apiVersion: millrace/v1\nname: ${name}\nsources: { c: { uri: "${uri}" } }\ndataset: { label: churn, positive: "Yes" }\ncandidates: [{ name: a, trainer: xgboost }]\n`;
  await mkdir(join(root, 'pipelines'));
  await writeFile(join(root, 'pipelines/a.yaml'), pipeline('a', 'file:///data/%zz.csv'));
  await writeFile(join(root, 'pipelines/b.yaml'), pipeline('b', 'data/c.csv'));
  const project = await readProject(root);
  const catalog = createPipelineCatalog({ project, environment: project.environment().settings });
  await expect(catalog.list()).resolves.toMatchObject([
    { name: 'a', problem: { code: 'PATH_OUTSIDE_ROOT' } },
    { name: 'b' },
  ]);
});
