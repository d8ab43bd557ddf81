// Catches a proposal that hides what a person must know of the file: a column of numbers that a few texts turn into a category with hundreds of values.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLI_TEST_MS, CliProject } from './cli-project';

jest.setTimeout(CLI_TEST_MS);

let project: CliProject;
beforeAll(async () => {
  project = await CliProject.create();
});
afterAll(() => project.remove());

test('numbers that are read as text are named, with what makes them so', async () => {
  const rows = Array.from({ length: 400 }, (_, row) =>
    [row, row % 20 === 0 ? 'NA' : row / 7, `"${String(row)},5"`, `word ${String(row % 9)}`, row % 2].join(
      ',',
    ),
  );
  await writeFile(join(project.root, 'houses.csv'), ['id,area,price,street,sold', ...rows].join('\n'));
  const { out, code } = await project.millrace('init', '--from', 'houses.csv', '--label', 'sold');
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringContaining('Look at area: 95 % of its values are numbers') as string,
  });
  expect(out).toContain('but "NA" make it text; where that means missing, name it in the source\'s `nulls`.');
  expect(out).toContain('Look at price: its numbers are written as "0,5"');
  expect(out).not.toContain('Look at street');

  // What the note advises is understood.
  const file = join(project.root, 'pipelines', 'houses.yaml');
  await writeFile(file, (await readFile(file, 'utf8')).replace('header: true', 'header: true, nulls: [NA]'));
  expect((await project.millrace('validate', 'houses')).code).toBe(0);
});
