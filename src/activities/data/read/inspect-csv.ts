/** Looks at the beginning of a CSV file and says how the engine must read it, or what is wrong with it. */
import { MillraceError } from '../../../contracts/errors';
import type { Source } from '../../../contracts/pipeline-file';
import { delimiterOf, fieldsOf, MAX_LINE_BYTES, missedDelimiter, readHead, recordsOf } from './csv-dialect';
import type { FileFormat } from './formats';

/** How one CSV file is laid out. */
export interface CsvLayout {
  readonly delimiter: string;
  readonly header: boolean;
  /** As written in the header line, or `column0`, `column1`, … */
  readonly columns: readonly string[];
}

/** Records that a delimiter is told from. */
const SAMPLED_RECORDS = 100;

/**
 * @param path the file as the project knows it, for messages
 * @throws SOURCE_EMPTY for nothing but white space; SOURCE_UNREADABLE for UTF-16, mixed line ends, or a delimiter that splits nothing.
 */
export async function inspectCsv(
  source: Source,
  file: string,
  path: string,
  { format, compressed }: FileFormat,
): Promise<CsvLayout> {
  const head = await readHead(file, compressed, path);
  refuseUtf16(head, path);
  if (head.length > MAX_LINE_BYTES && !head.subarray(0, MAX_LINE_BYTES).includes('\n')) throw tooLong(path);
  const text = head.toString('utf8').replace(/^\uFEFF/, '');
  const records = recordsOf(text, SAMPLED_RECORDS);
  const [first] = records;
  if (first === undefined)
    throw new MillraceError('SOURCE_EMPTY', `${path} has no line with text.`, {
      where: path,
      mend: 'Give a file with a header line and rows.',
    });
  refuseMixedLineEnds(text, path);
  const delimiter = source.delimiter ?? (format === 'tsv' ? '\t' : delimiterOf(records));
  const fields = fieldsOf(first, delimiter);
  if (fields.length === 1) refuseMissedDelimiter(records, delimiter, path);
  const header = source.header ?? true;
  return { delimiter, header, columns: header ? fields : fields.map((_, index) => `column${index}`) };
}

function refuseUtf16(head: Buffer, path: string): void {
  const mark = head.subarray(0, 2).toString('latin1');
  // Without a mark UTF-16 shows by its zero bytes, which text has none of.
  if (mark === '\xff\xfe' || mark === '\xfe\xff' || head.subarray(0, 4096).includes(0))
    throw new MillraceError('SOURCE_UNREADABLE', `${path} is not UTF-8 text: it has the look of UTF-16.`, {
      where: `${path}:1`,
      mend: 'Save it as UTF-8, for example with: iconv -f UTF-16 -t UTF-8 IN > OUT',
    });
}

function tooLong(path: string): MillraceError {
  return new MillraceError(
    'SOURCE_UNREADABLE',
    `Line 1 of ${path} is longer than the ${MAX_LINE_BYTES} bytes that a line may have.`,
    {
      where: `${path}:1`,
      mend: 'Give a header line of short names; check that lines end in LF or CR LF, and that quotes are closed.',
    },
  );
}

/** The engine gives up on such files without saying where. */
function refuseMixedLineEnds(text: string, path: string): void {
  const lines = text.split('\n').slice(0, -1);
  const windows = lines.filter((line) => line.endsWith('\r')).length;
  // A line break inside quotes may differ from those between records.
  if (windows === 0 || windows === lines.length || text.includes('"')) return;
  const [usual] = windows * 2 > lines.length ? [true] : [false];
  const odd = lines.findIndex((line) => line.endsWith('\r') !== usual) + 1;
  throw new MillraceError(
    'SOURCE_UNREADABLE',
    `${path} mixes two kinds of line ends: ${windows} of its first ${lines.length} lines end in CR LF, the others in LF.`,
    { where: `${path}:${odd}`, mend: "Use one of them throughout, for example with: sed -i 's/\\r$//' FILE" },
  );
}

function refuseMissedDelimiter(records: readonly string[], delimiter: string, path: string): void {
  const missed = missedDelimiter(records, delimiter);
  if (missed === undefined) return;
  throw new MillraceError(
    'SOURCE_UNREADABLE',
    `With the delimiter ${JSON.stringify(delimiter)} ${path} has one column only: ${JSON.stringify((records[0] ?? '').slice(0, 80))}.`,
    {
      where: `${path}:1`,
      mend: `Its fields seem to be separated by another one: delimiter: ${JSON.stringify(missed)}`,
    },
  );
}
