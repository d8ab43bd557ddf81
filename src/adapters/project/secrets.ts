/** Secrets stand in millrace.yaml by reference only; here a reference becomes a value, in memory. */
import { readFile } from 'node:fs/promises';
import { MillraceError } from '../../contracts/errors';

/** Reads `env:NAME` or `file:PATH`. @throws PROJECT_FILE_INVALID naming the reference, never the value. */
export async function readSecret(
  reference: string,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  const separator = reference.indexOf(':');
  const name = reference.slice(separator + 1);
  const value = reference.startsWith('env:')
    ? environment[name]
    : await readFile(name, 'utf8').catch(() => undefined);
  if (value === undefined || value.trim() === '') {
    throw new MillraceError('PROJECT_FILE_INVALID', `the secret ${reference} is not there`, {
      where: 'millrace.yaml',
      mend: reference.startsWith('env:') ? `set the variable ${name}` : `write the file ${name}`,
    });
  }
  return value.trim();
}
