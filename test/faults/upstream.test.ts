/** Hunts: a downstream run that is lost, or started twice, because the worker was killed when its upstream had just announced a data set; and one that reads other bytes. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openLedger } from '../../src/adapters/ledger/open';
import type { PipelineFile } from '../../src/contracts/pipeline-file';
import type { Ledger } from '../../src/ports/ledger';
import { FAULT_TEST_MS, FaultStack, STACK_START_MS } from '../support/faults/stack';
import { until } from '../support/faults/until';

const DATASET = 'rows.features';

describe('a worker that is killed between announcement and start', () => {
  let stack: FaultStack;
  let ledger: Ledger;
  beforeAll(async () => {
    stack = await FaultStack.start();
    ledger = await openLedger({
      projectRoot: stack.project.root,
      environment: { ledger: { path: '.millrace/ledger.sqlite' } },
    });
  }, STACK_START_MS);
  afterAll(async () => {
    await ledger.close();
    await stack.stop();
  }, STACK_START_MS);

  test(
    'leaves one downstream run, which trains on what was published, and one that waited goes on',
    async () => {
      const { project, runs, worker } = stack;
      await writeFeatures();
      const sources = { features: { uri: `dataset://${DATASET}` } };
      await project.writePipeline('downstream', [{ name: 'one' }], { sources });
      await project.writePipeline('patient', [{ name: 'one' }], {
        sources,
        waitFor: [{ dataset: DATASET, timeout: '1h' }],
      });
      await ledger.putRegistration({
        pipeline: 'downstream',
        file: 'pipelines/downstream/pipeline.yaml',
        triggers: [{ upstream: { dataset: DATASET } }],
        sources: ['features'],
        appliedAt: new Date().toISOString(),
      });
      const patient = await runs.start('patient');
      await until(
        'a run waits',
        async () => (await runs.status(patient)).waiting?.for === `the data set ${DATASET}`,
      );

      const upstream = await runs.start('features');
      const announced = await until('it is announced', () =>
        ledger.findAnnouncement({ kind: 'dataset', name: DATASET }, { outcomes: ['published'] }),
      );
      await worker.kill();
      await worker.start();

      expect(await runs.ended(upstream)).toMatchObject({ outcome: 'published' });
      const started = await until('downstream runs', async () => {
        const found = (await downstreamRuns()).filter(({ status }) => status === 'COMPLETED');
        return found.length > 0 ? found : undefined;
      });
      expect(started).toHaveLength(1);
      const [run] = started;
      const status = await runs.status(run!);
      expect(status).toMatchObject({
        state: 'done',
        cause: { kind: 'upstream', upstream: [upstream.workflowId] },
      });
      expect((await runs.ended(patient)).stages.find(({ stage }) => stage === 'wait')).toMatchObject({
        state: 'done',
        note: `the data set ${DATASET}: published by ${upstream.workflowId}`,
      });

      const written = await readFile(join(project.root, 'out', 'features.parquet'));
      expect(createHash('sha256').update(written).digest('hex')).toBe(announced.version?.sha256);
      expect(await downstreamRuns()).toHaveLength(1);
    },
    FAULT_TEST_MS * 2,
  );

  async function writeFeatures(): Promise<void> {
    const file: PipelineFile = {
      apiVersion: 'millrace/v1',
      name: 'features',
      sources: { rows: { uri: 'rows.csv' } },
      dataset: { key: 'id', sql: 'SELECT *, signal * noise AS both FROM rows' },
      publish: { dataset: DATASET, to: 'out/features.parquet' },
    };
    const folder = stack.project.pipelineFolder('features');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'pipeline.yaml'), JSON.stringify(file));
  }

  async function downstreamRuns(): Promise<{ workflowId: string; runId: string; status: string }[]> {
    const found: { workflowId: string; runId: string; status: string }[] = [];
    const query = `WorkflowType = 'trainingPipeline' AND WorkflowId STARTS_WITH 'downstream/upstream/'`;
    for await (const { workflowId, runId, status } of stack.runs.client.workflow.list({ query }))
      found.push({ workflowId, runId, status: status.name });
    return found;
  }
});
