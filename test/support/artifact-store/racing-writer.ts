/** Child of the artifact stores' tests, given `store` of an environment as JSON and a name: says that it is ready, waits for a line, commits under one key, prints what it got. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { once } from 'node:events';
import { openArtifactStore } from '../../../src/adapters/artifact-store/open';
import type { Environment } from '../../../src/contracts/project-file';

async function main(): Promise<void> {
  const [settings, name] = process.argv.slice(2) as [string, string];
  const environment = { store: JSON.parse(settings) as Environment['store'] };
  const store = await openArtifactStore({ projectRoot: process.cwd(), environment });
  const results: unknown[] = [];
  for (let round = 0; round < 20; round++) {
    const stored = await store.commit(
      { step: 'split', code: 'c', params: { round }, inputs: {} },
      async (folder) => {
        await writeFile(join(folder, 'rows.txt'), `${name} ${round}`);
        // Both are inside `write` for the same key now: neither can have found the other's output before.
        process.stdout.write(`inside ${round}\n`);
        await once(process.stdin, 'data');
        return { summary: { by: name } };
      },
    );
    results.push([
      stored.ref.digest,
      stored.manifest.summary,
      await readFile(join(stored.directory, 'rows.txt'), 'utf8'),
    ]);
  }
  process.stdout.write(`${JSON.stringify({ id: store.id, results })}\n`);
  process.stdin.destroy();
}

void main();
