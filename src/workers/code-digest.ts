/** Digests of a room's code: a step whose code changed runs again. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** SHA-256 over names and bytes of all programs below the folders (relative to `src` or `dist`). Declarations and maps do not count. */
export function codeDigestOf(...folders: readonly string[]): string {
  const root = path.resolve(__dirname, '..');
  const hash = createHash('sha256');
  for (const folder of folders) {
    const files = readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.(js|ts)$/.test(file) && !file.endsWith('.d.ts'))
      .sort();
    for (const file of files)
      hash.update(`${folder}/${file}\0`).update(readFileSync(path.join(root, folder, file)));
  }
  return hash.digest('hex');
}
