// Catches a trigger service that ends or forgets when Temporal goes away or it is killed itself, that watches what is paused, that two of them
// spoil for each other, that is silent about a pipeline which is not there, or that does not end when it is told to.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { fileTriggerSchema } from '../../../src/contracts/pipeline-file';
import type { Ledger } from '../../../src/ports/ledger';
import { until } from '../../support/faults/until';
import { startDevServer, type DevServer } from '../../support/temporal';
import { CLI_TEST_MS, CliProject, type Running } from './cli-project';

interface Health {
  readonly healthy: boolean;
  readonly parts: readonly {
    part: string;
    away?: unknown;
    watches?: number;
    taken?: number;
    standsBy?: true;
  }[];
}

describe('millrace serve', () => {
  let temporal: DevServer;
  let project: CliProject;
  let ledger: Ledger;
  let connection: Connection;
  const ending: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    temporal = await startDevServer();
    ending.unshift(() => temporal.stop());
    project = await CliProject.create({ TEMPORAL_ADDRESS: temporal.address });
    ending.unshift(() => project.remove());
    connection = await Connection.connect({ address: temporal.address });
    ending.unshift(() => connection.close());
    await project.scripted.writePipeline('watched', [{ name: 'one' }]);
    ledger = await createSqliteLedger(join(project.root, '.millrace', 'ledger.sqlite'));
    ending.unshift(() => ledger.close());
    await register('watched', '100ms');
    // Its file is seen because something stirs in the folder.
    await register('nowhere', '1h');
  }, CLI_TEST_MS);
  afterAll(async () => {
    for (const end of ending) await end();
  }, CLI_TEST_MS);

  const register = (pipeline: string, every: string): Promise<void> =>
    ledger.putRegistration({
      pipeline,
      file: `pipelines/${pipeline}.yaml`,
      triggers: [{ file: fileTriggerSchema.parse({ path: `in/${pipeline}/*.csv`, every, stable: '50ms' }) }],
      sources: ['customers'],
      appliedAt: new Date().toISOString(),
    });
  const drop = async (name: string): Promise<void> => {
    await mkdir(join(project.root, 'in', 'watched'), { recursive: true });
    await mkdir(join(project.root, 'in', 'nowhere'), { recursive: true });
    await writeFile(join(project.root, 'in', name), `id\n${name}\n`);
  };
  const runs = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const { workflowId } of new Client({ connection }).workflow.list()) found.push(workflowId);
    return found;
  };
  const fileHealth = async (service: Running): Promise<Health['parts'][number] | undefined> => {
    if (service.process.exitCode !== null) throw new Error(`the service ended: ${service.said()}`);
    const url = /"health":"([^"]+)"/.exec(service.said())?.[1];
    if (url === undefined) return undefined;
    const { parts } = (await (await fetch(url)).json()) as Health;
    return parts.find(({ part }) => part === 'file');
  };

  test(
    'starts runs for files, through an outage of Temporal and its own death',
    async () => {
      const first = project.start('serve');
      await until('both are watched', async () => (await fileHealth(first))?.watches === 2);
      await drop('watched/a.csv');
      await drop('nowhere/x.csv');
      await until('the first file has its run', async () => (await runs()).length === 1);
      expect(await runs()).toEqual([expect.stringMatching(/^watched\/file\//)]);
      await until('the unknown pipeline is told of', async () => {
        const [letter] = await ledger.listDeadLetters({ pipeline: 'nowhere', limit: 2 });
        return letter?.code === 'EVENT_REFUSED' && letter.replay?.pipeline === 'nowhere';
      });

      await temporal.kill();
      await drop('watched/b.csv');
      await until(
        'it is seen that Temporal is away',
        async () => (await fileHealth(first))?.away !== undefined,
      );
      await temporal.restart();
      await until('the second file has its run', async () => (await runs()).length === 2);

      first.process.kill('SIGKILL');
      await first.ended;
      await drop('watched/c.csv');
      const second = project.start('serve');
      await until('all three are known', async () => (await fileHealth(second))?.taken === 3);
      expect(await runs()).toHaveLength(3);

      const third = project.start('serve');
      await until('a second service stands by', async () => (await fileHealth(third))?.standsBy === true);
      await ledger.pauseRegistration('watched', { by: 'ada', note: 'holidays' });
      await until('what is paused is not watched', async () => (await fileHealth(second))?.watches === 1);
      await ledger.pauseRegistration('watched', undefined);
      second.process.kill('SIGTERM');
      expect((await second.ended).code).toBe(0);
      await drop('watched/d.csv');
      await until('the one that stood by takes over', async () => (await runs()).length === 4);
      third.process.kill('SIGTERM');
      expect((await third.ended).code).toBe(0);
      expect(await ledger.listUnconfirmed('9999', 10)).toEqual([]);
    },
    CLI_TEST_MS,
  );
});
