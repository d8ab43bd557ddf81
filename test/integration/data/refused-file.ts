/** Files that are refused, and how. */
import type { ErrorCode } from '../../../src/contracts/errors';
import type { Source } from '../../../src/contracts/pipeline-file';
import type { DataProject } from './data-project';

/** A file that is refused. */
export interface Refused {
  readonly content: string | Buffer;
  readonly file?: string;
  readonly source?: Partial<Source>;
  readonly code: ErrorCode;
  readonly where: string;
  readonly message: RegExp;
  readonly mend: RegExp;
}

/** A small table that is in order. */
export const ROWS = 'id,a,y\n1,x,no\n2,z,yes\n3,w,no\n';

/** A header and 3,000 rows, more than the first look takes in, of which the one on `line` is another. */
export function long(line: number, odd: string): string {
  const rows = Array.from({ length: 3000 }, (_, i) => `${i},${i * 2},${i % 2 === 0 ? 'no' : 'yes'}`);
  rows[line - 2] = odd;
  return `id,a,y\n${rows.join('\n')}\n`;
}

/** Each character as one byte. */
export const latin = (text: string): Buffer => Buffer.from(text, 'latin1');

/** Writes the file and expects its refusal. */
export async function expectRefusal(project: DataProject, expected: Refused): Promise<void> {
  const file = expected.file ?? 'data.csv';
  await project.file(file, expected.content);
  const error = await project.refusal({
    sources: { rows: { uri: file, ...expected.source } },
    dataset: { key: 'id', label: 'y' },
  });
  expect(error).toMatchObject({ code: expected.code, where: expected.where });
  expect(error.message).toMatch(expected.message);
  expect(error.mend).toMatch(expected.mend);
  // It goes into the history of a workflow, and on a screen.
  expect(error.describe().length).toBeLessThan(2000);
}
