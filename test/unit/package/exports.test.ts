/** Catches: an entry of the package that leads to no file, so that whoever imports it fails where nothing of ours is to be seen. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..', '..');
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  exports: Record<string, Record<string, string>>;
};
const targets = Object.entries(manifest.exports).flatMap(([entry, conditions]) =>
  Object.entries(conditions).map(([condition, target]) => [entry, condition, target] as const),
);

test.each(targets)('%s (%s) is built from a source file', (_entry, _condition, target) => {
  const source = target.replace(/^\.\/dist\//, 'src/').replace(/(\.d\.ts|\.js)$/, '.ts');
  expect(source).toMatch(/^src\/.*\.ts$/);
  expect(existsSync(join(ROOT, source))).toBe(true);
});
