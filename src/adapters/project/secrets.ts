/** Secrets stand in millrace.yaml by reference only; here a reference becomes a value, in memory. */
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { MillraceError } from '../../contracts/errors';

/**
 * Reads `env:NAME` or `file:PATH`; the path is relative to the project, as every path in millrace.yaml, and not to where somebody stands.
 * @throws PROJECT_FILE_INVALID naming the reference, never the value.
 */
export async function readSecret(
  reference: string,
  projectRoot: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const separator = reference.indexOf(':');
  const name = reference.slice(separator + 1);
  const file = resolve(projectRoot, name);
  const value = reference.startsWith('env:')
    ? environment[name]
    : await readFile(file, 'utf8').catch(() => undefined);
  if (value === undefined || value.trim() === '') {
    throw new MillraceError('PROJECT_FILE_INVALID', `the secret ${reference} is not there`, {
      where: 'millrace.yaml',
      mend: reference.startsWith('env:') ? `set the variable ${name}` : `write the file ${file}`,
    });
  }
  return value.trim();
}
