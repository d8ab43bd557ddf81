/** Child of the tests of the store in a bucket, given `store` of an environment as JSON: begins to commit an output of very many files. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openArtifactStore } from '../../../src/adapters/artifact-store/open';
import type { Environment } from '../../../src/contracts/project-file';
import { identity } from './identity';

const FILES = 800;

async function main(): Promise<void> {
  const environment = { store: JSON.parse(process.argv[2] ?? '') as Environment['store'] };
  const store = await openArtifactStore({ projectRoot: process.cwd(), environment });
  await store.commit(identity, async (folder) => {
    for (let index = 0; index < FILES; index++)
      await writeFile(join(folder, `${String(index)}.txt`), `file ${String(index)}`);
    process.stdout.write('written\n');
    return { summary: null };
  });
  process.stdout.write('committed\n');
}

void main();
