/** Values that stand in for parameters which a file leaves to its runs, so that the rest of the file can be looked at. */
import type { Parameter } from '../contracts/pipeline-file';
import type { PipelineListing } from '../ports/pipeline-catalog';

const PLACEHOLDERS: Readonly<Record<Parameter['type'], string>> = {
  string: 'text',
  integer: '1',
  number: '1',
  boolean: 'true',
  date: '2026-01-01',
};

/** One for each parameter without a default. */
export function placeholdersFor(params: PipelineListing['params']): Record<string, string> {
  const missing = Object.entries(params).filter(([, { default: given }]) => given === undefined);
  return Object.fromEntries(missing.map(([name, { type }]) => [name, PLACEHOLDERS[type]]));
}
