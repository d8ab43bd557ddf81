/**
 * Catches: a source that reads outside the project, by its text, by an address or through a link; an error that tells whether a file
 * outside exists; a path or a pattern that matches nothing and is taken for an empty source.
 */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MillraceError } from '../../../src/contracts/errors';
import { DataProject } from './data-project';

jest.setTimeout(60_000);

const ROWS = 'id,a,y\n1,x,no\n2,z,yes\n3,w,no\n';
let project: DataProject;

beforeEach(async () => {
  project = await DataProject.create();
  await project.file('data/rows.csv', ROWS);
  await mkdir(join(project.base, 'elsewhere'));
  await writeFile(join(project.base, 'elsewhere', 'secret.csv'), ROWS);
});

afterEach(() => project.remove());

function refusal(uri: string | string[]): Promise<MillraceError> {
  return project.refusal({
    sources: { rows: { uri, format: 'csv' } },
    dataset: { key: 'id', label: 'y' },
  });
}

describe('out of the project', () => {
  test.each([
    ['../elsewhere/secret.csv'],
    ['../elsewhere/nothing-there.csv'],
    ['data/../../elsewhere/secret.csv'],
    ['../elsewhere/*.csv'],
    ['{..,data}/elsewhere/*.csv'],
    ['data/{x,../../elsewhere}/*.csv'],
    ['/etc/passwd'],
    ['/etc/nothing-there'],
    ['file:///etc/passwd'],
    ['file://data/%2e%2e/%2e%2e/elsewhere/secret.csv'],
    ['..'],
    ['.'],
  ])('%s', async (uri) => {
    const error = await refusal(uri);
    expect(error).toMatchObject({
      code: 'PATH_OUTSIDE_ROOT',
      where: `sources.rows.uri: ${uri}`,
      message: "A source's path leads out of the project's root.",
    });
    expect(error.mend).toContain('Move the data into the project');
  });

  test('through a link to a file, to a folder, and behind a pattern', async () => {
    await symlink(join(project.base, 'elsewhere', 'secret.csv'), join(project.root, 'data', 'link.csv'));
    await symlink(join(project.base, 'elsewhere'), join(project.root, 'folder'));
    for (const uri of ['data/link.csv', 'folder/secret.csv', 'folder/*.csv', 'data/*.csv'])
      expect(await refusal(uri)).toMatchObject({ code: 'PATH_OUTSIDE_ROOT' });
    // The second of a list is looked at as the first is.
    expect(await refusal(['data/rows.csv', 'data/link.csv'])).toMatchObject({ code: 'PATH_OUTSIDE_ROOT' });
  });

  test('a link that stays inside is fine, and so is a root that is itself a link', async () => {
    await symlink('rows.csv', join(project.root, 'data', 'same.csv'));
    const sections = {
      sources: { rows: { uri: 'data/same.csv' } },
      dataset: { key: 'id', label: 'y' },
    };
    expect(await project.build(sections)).toMatchObject({ rows: 3 });
    await symlink(project.root, join(project.base, 'linked-root'));
    const linked = project.rootedAt(join(project.base, 'linked-root'));
    expect(
      await linked.build({ ...sections, sources: { rows: { uri: 'data/*.csv' } }, dataset: { label: 'y' } }),
    )
      // Both names of the one file, since a pattern names both.
      .toMatchObject({ rows: 6 });
  });
});

describe('not there', () => {
  test('a file that is misspelt: the nearest ones are named', async () => {
    const error = await refusal('data/row.csv');
    expect(error).toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      where: 'sources.rows.uri: data/row.csv',
      details: { near: ['data/rows.csv'] },
    });
    expect(error.message).toContain('Near by there is data/rows.csv');
    expect(error.mend).toContain("relative to the project's root");
  });

  test('a folder that is misspelt', async () => {
    await project.file('other.csv', ROWS);
    expect((await refusal('dta/rows.csv')).message).toContain('Near by there is other.csv');
  });

  test('a pattern that matches nothing, alone and in a list', async () => {
    for (const uri of ['data/*.parquet', ['data/rows.csv', 'data/2024-*.csv']])
      expect(await refusal(uri)).toMatchObject({
        code: 'SOURCE_NOT_FOUND',
        where: `sources.rows.uri: ${[uri].flat().at(-1)}`,
      });
  });

  test('a folder', async () => {
    const error = await refusal('data');
    expect(error).toMatchObject({ code: 'SOURCE_NOT_FOUND', where: 'sources.rows.uri: data' });
    expect(error.mend).toContain('FOLDER/*.csv');
  });

  test('an address that is no file', async () => {
    expect(await refusal('https://localhost/rows.csv')).toMatchObject({
      code: 'NOT_SUPPORTED_YET',
      where: 'sources.rows.uri: https://localhost/rows.csv',
    });
  });
});
