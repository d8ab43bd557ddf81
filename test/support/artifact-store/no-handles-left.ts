/** A process that has no file handle left when it takes a file in: `no-handles-left.ts ROOT FILE`. Prints how that ends, with them and without. */
import { closeSync, openSync } from 'node:fs';
import { createFileArtifactStore } from '../../../src/adapters/artifact-store/file';
import { isMillraceError } from '../../../src/contracts/errors';

async function main(): Promise<void> {
  const [root = '', file = ''] = process.argv.slice(2);
  const store = await createFileArtifactStore({ root });
  const take = (): Promise<unknown> =>
    store.putBlob(file).then(
      () => 'taken',
      (error: unknown) =>
        isMillraceError(error) ? { code: error.code, retryable: error.retryable } : String(error),
    );
  const held = takeHandles();
  const without = await take();
  held.forEach(closeSync);
  process.stdout.write(JSON.stringify({ without, later: await take() }));
}

/** All that there are. */
function takeHandles(): number[] {
  const held: number[] = [];
  for (;;) {
    try {
      held.push(openSync('/dev/null', 'r'));
    } catch {
      return held;
    }
  }
}

void main();
