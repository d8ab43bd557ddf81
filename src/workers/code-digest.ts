/** Digests of the code of steps: a step whose code changed runs again. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The names of modules that a file imports by a relative path, in TypeScript or as the compiler writes it. */
const RELATIVE_IMPORT = /(?:\bfrom\s*|\brequire\(|\bimport\()['"](\.[^'"]+)['"]/g;

/**
 * SHA-256 over names and bytes of the modules, and of all that they import by relative paths: a step depends on those as much as on its own
 * file. Packages do not count. `modules` are paths below `root` (`src` or `dist`) without their ending.
 * @throws Error for an import that leads to no file.
 */
export function codeDigestOf(modules: readonly string[], root = path.resolve(__dirname, '..')): string {
  const programs = new Map<string, Buffer>();
  const left = modules.map((module) => programAt(path.join(root, module)));
  for (let file = left.pop(); file !== undefined; file = left.pop()) {
    if (programs.has(file)) continue;
    const program = readFileSync(file);
    programs.set(file, program);
    for (const [, name = ''] of program.toString('utf8').matchAll(RELATIVE_IMPORT))
      left.push(programAt(path.join(path.dirname(file), name)));
  }
  const hash = createHash('sha256');
  for (const [file, program] of [...programs].sort(([one], [other]) => (one < other ? -1 : 1)))
    hash.update(`${path.relative(root, file)}\0`).update(program);
  return hash.digest('hex');
}

function programAt(module: string): string {
  const candidates = ['.js', '.ts', '/index.js', '/index.ts'].map((ending) => module + ending);
  const found = candidates.find((candidate) => existsSync(candidate));
  if (found === undefined) throw new Error(`no program at ${module}`);
  return found;
}
