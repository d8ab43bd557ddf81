/** Catches: a step that is taken from the cache although code that it runs changed, wherever that code lies; and one that runs again for code of others. */
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeDigestOf } from '../../../src/workers/code-digest';

const SOURCE = join(__dirname, '..', '..', '..', 'src');
const FEATURES = ['activities/features/index'];

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'millrace-code-'));
  await cp(SOURCE, root, { recursive: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function digestAfterChangeOf(file: string): Promise<string> {
  const before = await readFile(join(root, file), 'utf8');
  await writeFile(join(root, file), `${before}\n// changed`);
  const digest = codeDigestOf(FEATURES, root);
  await writeFile(join(root, file), before);
  return digest;
}

test('the same code has the same digest, wherever it is installed', () => {
  expect(codeDigestOf(FEATURES, root)).toBe(codeDigestOf(FEATURES, SOURCE));
  expect(codeDigestOf(['activities/data/index'], root)).not.toBe(codeDigestOf(FEATURES, root));
});

test.each([
  ['its own', 'activities/features/split/hash-sides.ts'],
  ['another room, which reads the files of a joined view', 'activities/data/read/csv-reader.ts'],
  ['the contracts', 'contracts/digest.ts'],
])('a change of %s changes it', async (_whose, file) => {
  expect(await digestAfterChangeOf(file)).not.toBe(codeDigestOf(FEATURES, root));
});

test('a change of what the step does not run changes nothing', async () => {
  expect(await digestAfterChangeOf('activities/report/page.ts')).toBe(codeDigestOf(FEATURES, root));
});

test('a module that is not there is said, not left out', () => {
  expect(() => codeDigestOf(['activities/none'], root)).toThrow('no program at');
});
