/** Files that start runs. */
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { startForEvent } from '../src/activities/triggers/start-for-event';
import { createFileArtifactStore } from '../src/adapters/artifact-store/file';
import { createSqliteLedger } from '../src/adapters/ledger/sqlite';
import { createRunStarter } from '../src/adapters/temporal/run-starter';
import { createFileTrigger } from '../src/client/serve/triggers/file';
import { fileTriggerSchema } from '../src/contracts/pipeline-file';
import { until } from '../test/support/faults/until';
import type { Figure, Scenario } from './scenario';
import { eventsOf, firstStepAt } from './support/histories';
import { withNoOpFleet, type NoOpFleet } from './support/no-op-fleet';
import { percentile, timed } from './support/statistics';

const ONE_BY_ONE = 100;
const AT_ONCE = 1000;
const LIMIT_MS = 600_000;

/** See the file's head. The files are moved into place whole, so the trigger need not wait for them to stand still. */
export const fileEvents: Scenario = {
  name: 'file-events',
  question: `how soon does a file start the first stage of its run, and do ${AT_ONCE} at once each start one?`,
  run: ({ say }) => withNoOpFleet((fleet) => withFolder((folder) => measure(fleet, folder, say))),
};

async function measure(fleet: NoOpFleet, folder: string, say: (text: string) => void): Promise<Figure[]> {
  const ledger = await createSqliteLedger(join(folder, 'ledger.sqlite'));
  const starter = createRunStarter(fleet.client);
  const runs = new Map<string, string>();
  const trigger = createFileTrigger({
    ledger,
    store: await createFileArtifactStore({ root: join(folder, 'store') }),
    project: { root: folder },
    environmentName: 'bench',
    dataRoot: folder,
    logger: pino({ level: 'warn' }),
    async start(event) {
      const run = await startForEvent(
        { ledger, starter },
        { ...event, input: { ...event.input, until: 'resolve' } },
      );
      runs.set(event.input.cause?.event ?? '', run.workflowId);
      return run;
    },
  });
  try {
    for (const kind of ['single', 'burst']) await mkdir(join(folder, kind));
    await trigger.update(
      ['single', 'burst'].map((kind) => ({
        pipeline: `bench-${kind}`,
        file: `${kind}.yaml`,
        triggers: [{ file: fileTriggerSchema.parse({ path: `${kind}/*.csv`, every: '10s', stable: '0s' }) }],
        sources: ['data'],
        appliedAt: new Date().toISOString(),
      })),
    );
    const all = (count: number) =>
      until(`${count} files have their runs`, () => Promise.resolve(runs.size === count), LIMIT_MS);

    const latencies: number[] = [];
    for (let index = 0; index < ONE_BY_ONE; index += 1) {
      const name = `single/${index}.csv`;
      await writeFile(join(folder, 'next'), `id,y\n${index},0\n`);
      const at = Date.now();
      await rename(join(folder, 'next'), join(folder, name));
      // The next one waits: what is asked is how soon, not how many.
      const begun = await until(`${name} has its first stage`, async () => {
        const workflowId = runs.get(name);
        const step =
          workflowId === undefined ? Number.NaN : firstStepAt(await eventsOf(fleet.client, workflowId));
        return Number.isNaN(step) ? undefined : step;
      });
      latencies.push(begun - at);
    }
    const [p50, p95] = [percentile(latencies, 50), percentile(latencies, 95)];
    say(`${ONE_BY_ONE} files one by one: p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms`);

    for (let index = 0; index < AT_ONCE; index += 1)
      await writeFile(join(folder, `next-${index}`), `id,y\n${index},1\n`);
    const { milliseconds } = await timed(async () => {
      for (let index = 0; index < AT_ONCE; index += 1)
        await rename(join(folder, `next-${index}`), join(folder, 'burst', `${index}.csv`));
      await all(ONE_BY_ONE + AT_ONCE);
    });
    return [
      {
        name: 'files that started their one run',
        value: new Set(runs.values()).size,
        unit: 'runs',
        limit: { atLeast: ONE_BY_ONE + AT_ONCE },
      },
      { name: 'file to first stage, p50', value: p50, unit: 'ms' },
      {
        name: 'file to first stage, p95',
        value: p95,
        unit: 'ms',
        limit: { below: 1000 },
        note: `${ONE_BY_ONE} files, one after the other`,
      },
      {
        name: `runs started a second of ${AT_ONCE} files at once`,
        value: (AT_ONCE / milliseconds) * 1000,
        unit: '1/s',
        note: 'bytes stored, claimed, started and confirmed, while the runs before them go on',
      },
    ];
  } finally {
    await trigger.stop();
    await ledger.close();
  }
}

async function withFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-files-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
