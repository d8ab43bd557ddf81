/** Real models for tests of serving: trained by the reference trainer on generated data, with their hold-out scores. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pythonFolder, runPython } from './python';

/** Folder of the Python package `millrace_trainer`. */
export const trainersPath = join(__dirname, '..', '..', 'trainers');

/** Trains a logistic regression for each name, with that inverse regularisation. @returns a folder: `split/`, and per name `model/`, `input.json`, `scores/`. */
export async function makeChurnModels(models: Readonly<Record<string, number>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-models-'));
  await runPython(
    [
      join(__dirname, 'make_churn_models.py'),
      folder,
      ...Object.entries(models).map(([name, strength]) => `${name}=${String(strength)}`),
    ],
    { PYTHONPATH: trainersPath },
  );
  return folder;
}

/** The interpreter of the project's environment. */
export function projectPython(): string {
  return join(pythonFolder(), 'python');
}
