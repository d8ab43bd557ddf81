/** Hunts: a table of features.python whose function runs twice, or whose run is lost, because the worker was killed; and a run that fails without its words. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipelineFile } from '../../src/contracts/pipeline-file';
import { isRunning } from '../support/faults/processes';
import { FAULT_TEST_MS, FaultStack, STACK_START_MS } from '../support/faults/stack';
import { until } from '../support/faults/until';

const SQL = 'SELECT *, signal * noise AS both FROM rows';
/** Holds until it is let go, and says who runs it. */
const CODE = `
import os, pathlib, time

def build(tables, params):
    rows = tables["rows"].to_pandas()
    notes = pathlib.Path(params["notes"])
    with open(notes / "starts", "a") as file:
        file.write(f"{os.getpid()}\\n")
    while not (notes / "go").exists():
        time.sleep(0.05)
    return rows.assign(both=rows["signal"] * rows["noise"])

def fail(tables, params):
    raise KeyError("bills of January")
`;

describe('a pipeline whose table a function makes', () => {
  let stack: FaultStack;
  beforeAll(async () => {
    stack = await FaultStack.start();
  }, STACK_START_MS);
  afterAll(() => stack.stop(), STACK_START_MS);
  beforeEach(() => stack.project.clearNotes());

  test(
    'is adopted by the next worker when its own is killed: the function runs once, and publishes what SQL does',
    async () => {
      const { project, runs, worker } = stack;
      await writeDataset('by-code', { dataset: { key: 'id' }, features: features('build') });
      await writeDataset('by-sql', { dataset: { key: 'id', sql: SQL } });
      const run = await runs.start('by-code');
      const [pid] = await until('the function runs', () => Promise.resolve(starts().length > 0 && starts()));
      await worker.kill();
      expect(isRunning(pid!)).toBe(true);

      await worker.start();
      await project.letGo();
      const status = await runs.ended(run);
      expect(status).toMatchObject({ outcome: 'published', published: { dataset: 'by-code' } });
      expect(status.stages.find(({ stage }) => stage === 'dataset')).toMatchObject({
        state: 'done',
        job: expect.stringMatching(/^by-code-features-/) as string,
      });
      expect(starts()).toEqual([pid]);

      expect(await runs.run('by-sql')).toMatchObject({ outcome: 'published' });
      expect(await digestOf('by-code')).toBe(await digestOf('by-sql'));

      const again = await runs.run('by-code');
      expect(again.stages.find(({ stage }) => stage === 'dataset')?.state).toBe('cached');
      expect(again.published?.version).toEqual(status.published?.version);
      expect(starts()).toEqual([pid]);
    },
    FAULT_TEST_MS,
  );

  test(
    'trains on its table, with a label that the function has not seen',
    async () => {
      const { project, runs } = stack;
      await project.letGo();
      await project.writePipeline('trained', [{ name: 'one' }], { features: features('build') });
      await writeFile(join(project.pipelineFolder('trained'), 'features.py'), CODE);
      const status = await runs.run('trained', { until: 'compare' });
      expect(status).toMatchObject({ outcome: 'stopped', winner: 'one' });
      const dataset = status.stages.find(({ stage }) => stage === 'dataset');
      expect(dataset?.note).toBe('400 rows, 5 columns');
    },
    FAULT_TEST_MS,
  );

  test(
    'fails with what the function raised, and where',
    async () => {
      await writeDataset('failing', { dataset: { key: 'id' }, features: features('fail') });
      const { outcome, error } = await stack.runs.run('failing');
      expect(outcome).toBe('failed');
      expect(error).toMatchObject({
        code: 'FEATURE_CODE_FAILED',
        message: expect.stringMatching(
          /^features\.py:fail raised KeyError: 'bills of January'\n {2}File "features\.py", line 14, in fail\n {4}raise KeyError/,
        ) as string,
      });
    },
    FAULT_TEST_MS,
  );

  const features = (name: string): NonNullable<PipelineFile['features']> => ({
    python: { function: `features.py:${name}`, params: { notes: stack.project.notes } },
  });

  async function writeDataset(name: string, sections: Partial<PipelineFile> & Pick<PipelineFile, 'dataset'>) {
    const file: PipelineFile = {
      apiVersion: 'millrace/v1',
      name,
      sources: { rows: { uri: 'rows.csv' } },
      publish: { dataset: name, to: `out/${name}.parquet` },
      ...sections,
    };
    const folder = stack.project.pipelineFolder(name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'pipeline.yaml'), JSON.stringify(file));
    await writeFile(join(folder, 'features.py'), CODE);
  }

  /** Pids of the processes that ran the function. */
  function starts(): number[] {
    const file = join(stack.project.notes, 'starts');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1).map(Number) : [];
  }

  async function digestOf(name: string): Promise<string> {
    const bytes = await readFile(join(stack.project.root, 'out', `${name}.parquet`));
    return createHash('sha256').update(bytes).digest('hex');
  }
});
