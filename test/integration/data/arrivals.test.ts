// Catches a run that reads the file as it is now instead of the bytes that came with its event, that reads the same bytes twice, or that fails
// because its source matches no file yet.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Arrival } from '../../../src/contracts/events';
import { DataProject, type DataSections } from './data-project';

jest.setTimeout(120_000);

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
});
afterEach(() => project.remove());

const table = (...ids: number[]): string => `id,y\n${ids.map((id) => `${id},${id % 2}\n`).join('')}`;
const sections = (uri: string): DataSections => ({
  sources: { customers: { uri }, other: { uri: 'other.csv' } },
  dataset: { from: 'customers', key: 'id', label: 'y' },
});

/** Takes a file in, as a trigger does. */
async function arrival(mode: Arrival['mode'], name: string, source = 'customers'): Promise<Arrival> {
  const { sha256, bytes } = await project.store.putBlob(join(project.root, name));
  return { source, mode, name, sha256, bytes };
}

/** Ids of the rows that the data set has. */
async function idsOf(uri: string, arrivals: Arrival[]): Promise<unknown[]> {
  await project.file('other.csv', table(0));
  const { artifact } = await project.build(sections(uri), { arrivals });
  return (await project.query(artifact, 'SELECT id FROM data ORDER BY id')).map(({ id }) => Number(id));
}

test('replace: the bytes that came, though the file was overwritten and the source matches nothing', async () => {
  await project.file('in/day.csv', table(1, 2));
  const came = await arrival('replace', 'in/day.csv');
  await project.file('in/day.csv', table(7, 8, 9));
  expect(await idsOf('nothing/*.csv', [came])).toEqual([1, 2]);
});

test('append: beside what the source names, which may be nothing yet', async () => {
  await project.file('in/day.csv', table(5, 6));
  const came = await arrival('append', 'in/day.csv');
  expect(await idsOf('base/*.csv', [came])).toEqual([5, 6]);
  await project.file('base/one.csv', table(1, 2));
  expect(await idsOf('base/*.csv', [came])).toEqual([1, 2, 5, 6]);
});

test('append: a file that the source names too is read once, as it came, also after it was moved', async () => {
  await project.file('in/base.csv', table(1, 2));
  await project.file('in/day.csv', table(5, 6));
  const came = await arrival('append', 'in/day.csv');
  expect(await idsOf('in/**/*.csv', [came])).toEqual([1, 2, 5, 6]);
  await project.file('in/day.csv', table(7, 8));
  expect(await idsOf('in/**/*.csv', [came])).toEqual([1, 2, 5, 6]);
  await rm(join(project.root, 'in/day.csv'));
  await project.file('in/done/day.csv', table(5, 6));
  expect(await idsOf('in/**/*.csv', [came])).toEqual([1, 2, 5, 6]);
});

test('a source that the pipeline does not have is refused by name; a folder is none though something came', async () => {
  await project.file('in/day.csv', table(1));
  await expect(idsOf('in/*.csv', [await arrival('append', 'in/day.csv', 'nobody')])).rejects.toMatchObject({
    code: 'EVENT_REFUSED',
    where: 'in/day.csv',
  });
  await expect(idsOf('in', [await arrival('append', 'in/day.csv')])).rejects.toMatchObject({
    code: 'SOURCE_NOT_FOUND',
  });
});
