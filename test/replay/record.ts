/**
 * Records the histories under `histories/` on a real development server. Run it after an intended change of a workflow that breaks replay, once
 * it is sure that no run started before the change is still open (or that it is behind `patched()`). With names of scenarios only theirs are written,
 * and the others stay: those of older code show that it still replays.
 *
 *     node --require ./test/support/typescript-hook.cjs test/replay/record.ts [SCENARIO ...]
 */
import { mkdir, rm } from 'node:fs/promises';
import { createSqliteLedger } from '../../src/adapters/ledger/sqlite';
import { quietTemporal, startDevServer } from '../support/temporal';
import { PipelineSuite } from '../workflows/pipeline-suite';
import { EVENT_SCENARIOS, moreActivities } from './event-scenarios';
import { HISTORIES, writeHistory } from './history-file';
import { SCENARIOS } from './scenarios';

async function record(names: readonly string[]): Promise<void> {
  quietTemporal();
  const all = [...SCENARIOS, ...EVENT_SCENARIOS];
  const wanted = names.length === 0 ? all : all.filter(({ name }) => names.includes(name));
  if (names.length === 0) await rm(HISTORIES, { recursive: true, force: true });
  await mkdir(HISTORIES, { recursive: true });
  const server = await startDevServer();
  const ledger = await createSqliteLedger(':memory:');
  const suite = new PipelineSuite();
  suite.more = moreActivities(ledger);
  try {
    await suite.start({ server });
    for (const scenario of wanted) {
      for (const [name, handle] of Object.entries(await scenario(suite))) {
        await writeHistory(name, await handle.fetchHistory());
        console.log(name);
      }
    }
  } finally {
    await suite.stop();
    await server.stop();
    await ledger.close();
  }
}

void record(process.argv.slice(2));
