// Catches a published data set that is not the table of its SQL, changes under who reads it, is half written where people look for it, or lands outside
// the data root.
import { readFile, readdir, symlink, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildTable } from '../../../src/activities/data/dataset/build-dataset';
import { acquireData } from '../../../src/activities/data/acquire/acquire-data';
import { publishDataset } from '../../../src/activities/data/publish/publish-dataset';
import { validateData } from '../../../src/activities/data/quality/validate-data';
import { announcementIdFor } from '../../../src/contracts/announcements';
import type { PublishDatasetOutput } from '../../../src/contracts/steps';
import { DataProject, type DataSections } from './data-project';

let project: DataProject;
beforeEach(async () => {
  project = await DataProject.create();
  await project.file('people.csv', 'id,town\n1,Ulm\n2,Bonn\n3,Ulm\n');
  await project.file('bills.csv', 'id,amount\n1,10\n1,5\n2,1\n3,7\n');
});
afterEach(() => project.remove());

const FEATURES: DataSections = {
  sources: { people: { uri: 'people.csv' }, bills: { uri: 'bills.csv' } },
  dataset: {
    key: 'id',
    sql: 'SELECT people.*, sum(bills.amount) AS spent FROM people JOIN bills USING (id) GROUP BY ALL',
  },
  quality: { rows: { min: 3 }, schema: 'closed', columns: { spent: { min: 1 }, town: {} } },
  publish: { dataset: 'churn.features', to: 'out/features.parquet' },
};

/** What the workflow does with it, and what its announcement leaves in the ledger. */
async function publish(sections: DataSections, at: string): Promise<PublishDatasetOutput> {
  const spec = await project.spec({ candidates: undefined, ...sections });
  const { dependencies } = project;
  const acquired = (await acquireData(dependencies, { spec, fresh: false })).artifact;
  const table = await buildTable(dependencies, { spec, acquired, fresh: false });
  await validateData(dependencies, { spec, dataset: table.artifact, fresh: false });
  const published = await publishDataset(dependencies, { spec, dataset: table.artifact, fresh: false });
  const said = { kind: 'dataset', name: 'churn.features', workflowId: 'w', runId: at } as const;
  await project.ledger.putAnnouncement({
    ...said,
    ...{
      id: announcementIdFor(said),
      outcome: 'published',
      pipeline: 'test',
      at,
      version: published.version,
    },
  });
  return published;
}

/** What a pipeline learns from that reads the data set. */
async function read(): Promise<{ rows: unknown; paths: string[] }> {
  const built = await project.build({
    sources: { features: { uri: 'dataset://churn.features' } },
    dataset: { key: 'id', label: 'town' },
  });
  const sources = await project.json<{ features: { path: string }[] }>(
    built.acquired.artifact,
    'sources.json',
  );
  return {
    rows: await project.query(built.artifact, 'SELECT id, town, spent FROM data ORDER BY id'),
    paths: sources.features.map(({ path }) => path),
  };
}

test('another pipeline reads the table that was published last, by its bytes', async () => {
  const first = await publish(FEATURES, '2026-01-01T00:00:00.000Z');
  expect(first).toMatchObject({ cached: false, version: { rows: 3 }, to: 'out/features.parquet' });
  expect(await read()).toEqual({
    rows: [
      { id: 1, town: 'Ulm', spent: 15 },
      { id: 2, town: 'Bonn', spent: 1 },
      { id: 3, town: 'Ulm', spent: 7 },
    ],
    paths: [`dataset://churn.features/${first.version.sha256.slice(0, 12)}.parquet`],
  });
  await project.file('bills.csv', 'id,amount\n1,100\n2,1\n3,7\n');
  const second = await publish(FEATURES, '2026-01-02T00:00:00.000Z');
  expect(second.version.sha256).not.toBe(first.version.sha256);
  expect((await read()).rows).toContainEqual({ id: 1, town: 'Ulm', spent: 100 });
  // What nobody changed is the same version again.
  expect(await publish(FEATURES, '2026-01-03T00:00:00.000Z')).toEqual({ ...second, cached: true });
});

test('the file where people look for it has the bytes of the version, and nothing is left beside it', async () => {
  const { version } = await publish(FEATURES, '2026-01-01T00:00:00.000Z');
  const blob = await readFile(await project.store.blobPath(version.sha256));
  expect(await readFile(join(project.root, 'out', 'features.parquet'))).toEqual(blob);
  expect(await readdir(join(project.root, 'out'))).toEqual(['features.parquet']);
});

test('a data set that nobody has published is named', async () => {
  await expect(read()).rejects.toMatchObject({
    code: 'SOURCE_NOT_FOUND',
    message: expect.stringContaining('churn.features') as unknown,
    where: 'sources.features.uri: dataset://churn.features',
  });
});

test('a broken rule of quality is found before anything is published', async () => {
  const quality = { ...FEATURES.quality, columns: { spent: { min: 2 }, town: {} } };
  await expect(publish({ ...FEATURES, quality }, '2026-01-01T00:00:00.000Z')).rejects.toMatchObject({
    code: 'QUALITY_FAILED',
  });
});

test('a path that leads out of the data root is refused, by its text or through a link', async () => {
  await mkdir(join(project.base, 'elsewhere'));
  await symlink(join(project.base, 'elsewhere'), join(project.root, 'link'));
  for (const to of ['../elsewhere/f.parquet', 'link/f.parquet', 'link/deep/f.parquet']) {
    const sections = { ...FEATURES, publish: { dataset: 'churn.features', to } };
    await expect(publish(sections, '2026-01-01T00:00:00.000Z')).rejects.toMatchObject({
      code: 'PATH_OUTSIDE_ROOT',
    });
  }
  expect(await readdir(join(project.base, 'elsewhere'))).toEqual([]);
});
