/** Catches what does not outlive a night: runs, models and addresses that `down` takes along, processes that it leaves behind. */
import { DatabaseSync } from 'node:sqlite';
import { temporalDatabase } from '../../../../src/client/stack/temporal-server';
import { isRunning, processesOf } from '../../../support/faults/processes';
import { ask } from '../customers';
import { CLI_TEST_MS, type CliProject, type StatusDocument } from '../cli-project';

/** Takes the stack down and brings it up again. */
export function testEndurance(project: () => CliProject): void {
  describe('down and up again', () => {
    test(
      'stops everything and loses nothing: the same ports, runs, models and predictions',
      async () => {
        const look = async (): Promise<unknown> => ({
          runs: await project().json(0, 'runs'),
          models: await project().json(0, 'models'),
        });
        const before = await look();
        const served = await project().json<StatusDocument>(0, 'status');
        const endpoint = served.endpoints.find(({ model }) => model === 'my')!.endpoint;
        const predictions = await ask(endpoint);
        const { temporal, mlflow, worker, serve } = project().stack();

        expect(await project().json(0, 'down')).toEqual({
          stopped: ['temporal', 'mlflow', 'worker', 'serve'],
        });
        expect([temporal, mlflow, worker, serve].some((part) => isRunning(part!.process.pid))).toBe(false);
        expect(processesOf(project().scripted.folder)).toEqual([]);
        await expect(ask(endpoint)).rejects.toThrow();
        // Written ahead, which the server's own option for it does not bring about.
        const data = new DatabaseSync(temporalDatabase(project().scripted.root), { readOnly: true });
        expect(data.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
        data.close();
        await project().json<StatusDocument>(4, 'status');
        await project().json(4, 'runs');

        await project().json(0, 'up');
        const again = project().stack();
        expect([again.temporal?.address, again.mlflow?.uri, again.worker?.healthUrl]).toEqual([
          temporal?.address,
          mlflow?.uri,
          worker?.healthUrl,
        ]);
        expect(await look()).toEqual(before);
        expect(await ask(endpoint)).toEqual(predictions);
        const { endpoints } = await project().json<StatusDocument>(0, 'status');
        const addresses = (all: StatusDocument['endpoints']): string[][] =>
          all
            .map(({ model, version, endpoint: address, server }) => [model, version, address, server])
            .sort();
        expect(addresses(endpoints)).toEqual(addresses(served.endpoints));
      },
      CLI_TEST_MS,
    );
  });
}
