/**
 * Records the histories under `histories/` on a real development server. Run it after an intended change of a workflow that breaks replay, once
 * it is sure that no run started before the change is still open (or that it is behind `patched()`):
 *
 *     node --require ./test/support/typescript-hook.cjs test/replay/record.ts
 */
import { mkdir, rm } from 'node:fs/promises';
import { quietTemporal, startDevServer } from '../support/temporal';
import { PipelineSuite } from '../workflows/pipeline-suite';
import { HISTORIES, writeHistory } from './history-file';
import { SCENARIOS } from './scenarios';

async function record(): Promise<void> {
  quietTemporal();
  await rm(HISTORIES, { recursive: true, force: true });
  await mkdir(HISTORIES, { recursive: true });
  const server = await startDevServer();
  const suite = new PipelineSuite();
  try {
    await suite.start({ server });
    for (const scenario of SCENARIOS) {
      for (const [name, handle] of Object.entries(await scenario(suite))) {
        await writeHistory(name, await handle.fetchHistory());
        console.log(name);
      }
    }
  } finally {
    await suite.stop();
    await server.stop();
  }
}

void record();
