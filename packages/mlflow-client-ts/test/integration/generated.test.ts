/**
 * Catches generated schemas that are not what MLflow's protocol descriptors say: edited by hand, or left behind when MLflow or
 * the generator changed.
 */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runPython } from '../../../../test/support/python';
import { endpoints } from '../../src/index';

const packageFolder = join(__dirname, '..', '..');

it('is what the generator writes from the installed MLflow, byte for byte', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'mlflow-generated-'));
  try {
    await runPython([join(packageFolder, 'generator', 'generate.py'), '--output', folder], {}, folder);
    const committed = join(packageFolder, 'src', 'generated');
    expect(await readdir(folder)).toEqual(await readdir(committed));
    for (const file of await readdir(folder)) {
      expect(await readFile(join(committed, file), 'utf8')).toBe(await readFile(join(folder, file), 'utf8'));
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}, 60_000);

it('covers the protocol that a training pipeline speaks', () => {
  expect(Object.keys(endpoints)).toEqual(
    expect.arrayContaining([
      'createRun',
      'logBatch',
      'createLoggedModel',
      'createModelVersion',
      'proxiedUploadArtifact',
    ]),
  );
  expect(Object.keys(endpoints).length).toBeGreaterThanOrEqual(54);
});
