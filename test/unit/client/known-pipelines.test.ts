// Catches an event that becomes a dead letter because its pipeline's file was away for a moment, and a flood of events for a pipeline that is not
// there that are all waited for. Real files.
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPipelineCatalog, readProject } from '../../../src/adapters/project';
import { createPipelineCheck } from '../../../src/client/serve/known-pipelines';
import type { PipelineCatalog } from '../../../src/ports/pipeline-catalog';

const FOREVER = 3_600_000;
const TIMES = { holds: -1, patience: FOREVER, between: 1, forgets: FOREVER };

let root: string;
let catalog: PipelineCatalog;
/** Looks at the project's files. */
let looks: number;
/** Called before each look. */
let beforeLook: (look: number) => Promise<void>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-known-'));
  await writeFile(join(root, 'millrace.yaml'), 'apiVersion: millrace/v1\n');
  await mkdir(join(root, 'pipelines'));
  await writeFile(
    join(root, 'pipelines', 'churn.yaml'),
    'apiVersion: millrace/v1\nname: churn\nsources: { customers: { uri: c.csv } }\n',
  );
  const project = await readProject(root);
  catalog = createPipelineCatalog({ project, environment: project.environment().settings });
  looks = 0;
  beforeLook = () => Promise.resolve();
});
afterEach(() => rm(root, { recursive: true, force: true }));

const check = (times = TIMES) =>
  createPipelineCheck(
    {
      async load(name) {
        await beforeLook((looks += 1));
        return catalog.load(name);
      },
    },
    times,
  );

test('a file that is taken away for a moment is waited for', async () => {
  const file = join(root, 'pipelines', 'churn.yaml');
  await rename(file, `${file}.swp`);
  beforeLook = async (look) => {
    if (look === 5) await rename(`${file}.swp`, file);
  };
  const ask = check();
  await Promise.all([ask('churn'), ask('churn'), ask('churn')]);
  expect(looks).toBe(5);
});

test('one that was refused a moment ago is known once it is there', async () => {
  const file = join(root, 'pipelines', 'churn.yaml');
  await rename(file, `${file}.swp`);
  const ask = check({ holds: FOREVER, patience: 0, between: 1, forgets: FOREVER });
  await expect(ask('churn')).rejects.toMatchObject({ code: 'EVENT_REFUSED' });
  await rename(`${file}.swp`, file);
  await ask('churn');
  await ask('churn');
  expect(looks).toBe(2);
});

test('one that stays away is refused, and the next events for it at once, until nobody has asked for long', async () => {
  const ask = check({ ...TIMES, patience: 20 });
  await expect(ask('nobody')).rejects.toMatchObject({ code: 'EVENT_REFUSED', retryable: false });
  expect(looks).toBeGreaterThan(1);
  looks = 0;
  for (let event = 1; event <= 3; event++) {
    await expect(ask('nobody')).rejects.toMatchObject({ code: 'EVENT_REFUSED' });
    expect(looks).toBe(event);
  }
  const forgetful = check({ ...TIMES, patience: 20, forgets: -1 });
  await expect(forgetful('nobody')).rejects.toMatchObject({ code: 'EVENT_REFUSED' });
  looks = 0;
  await expect(forgetful('nobody')).rejects.toMatchObject({ code: 'EVENT_REFUSED' });
  expect(looks).toBeGreaterThan(1);
});
