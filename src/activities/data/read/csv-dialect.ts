/** What the first lines of a CSV file say: its delimiter and its columns. Told from the text, so that the same file always reads the same. */
import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream/promises';
import { MillraceError } from '../../../contracts/errors';

/** Longest line, in bytes, that is read: a field of a million characters fits, whatever its script. */
export const MAX_LINE_BYTES = 8 * 2 ** 20;

/** Bytes of a file that its dialect is told from, when its first line is not longer. */
const SAMPLE_BYTES = 64 * 2 ** 10;

/** Candidates for a delimiter, the most usual first. */
const DELIMITERS = [',', ';', '\t', '|'] as const;

/** Reads the beginning of a file, unpacked: {@link SAMPLE_BYTES}, or to the end of its first line. @throws SOURCE_UNREADABLE when it cannot be unpacked. */
export async function readHead(file: string, compressed: boolean, where: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  let lineEnded = false;
  const take = async (stream: AsyncIterable<Buffer>): Promise<void> => {
    for await (const chunk of stream) {
      chunks.push(chunk);
      size += chunk.length;
      lineEnded ||= chunk.includes('\n');
      if ((size >= SAMPLE_BYTES && lineEnded) || size > MAX_LINE_BYTES) return;
    }
  };
  try {
    if (compressed) await pipeline(createReadStream(file), createGunzip(), take);
    else await take(createReadStream(file, { highWaterMark: SAMPLE_BYTES }));
  } catch (error) {
    // Enough was read: the rest of the stream was torn down on purpose.
    if ((error as NodeJS.ErrnoException).code !== 'ERR_STREAM_PREMATURE_CLOSE')
      throw new MillraceError('SOURCE_UNREADABLE', `${where} cannot be unpacked.`, {
        where,
        mend: 'Check that the file is a complete gzip file, or take .gz off its name.',
        cause: error,
      });
  }
  return Buffer.concat(chunks);
}

/** Splits one line of CSV (RFC 4180) into its fields. */
export function fieldsOf(line: string, delimiter: string): string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let index = 0; index < line.length; index++) {
    const character = line[index] ?? '';
    if (quoted && character === '"' && line[index + 1] === '"') {
      field += '"';
      index++;
    } else if (character === '"' && (quoted || field === '')) quoted = !quoted;
    else if (character === delimiter && !quoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  return [...fields, field];
}

/** The complete records in `text` (line breaks inside quotes kept), at most `limit`; blank lines are left out. */
export function recordsOf(text: string, limit: number): string[] {
  const records: string[] = [];
  let start = 0;
  let quoted = false;
  for (let index = 0; index < text.length && records.length < limit; index++) {
    const character = text[index];
    if (character === '"') quoted = !quoted;
    if (character !== '\n' || quoted) continue;
    const record = text.slice(start, index).replace(/\r$/, '');
    if (record.trim() !== '') records.push(record);
    start = index + 1;
  }
  // A file without a line break at its end, or one long line.
  if (records.length === 0 && text.slice(start).trim() !== '')
    records.push(text.slice(start).replace(/\r$/, ''));
  return records;
}

/**
 * The delimiter of the records: the one that gives the same number of fields, more than one, in most of them; of equal ones the one that
 * gives most fields. A comma where none does: a table of one column.
 */
export function delimiterOf(records: readonly string[]): string {
  let best = { delimiter: ',', agreeing: 0, fields: 1 };
  for (const delimiter of DELIMITERS) {
    const counts = records.map((record) => fieldsOf(record, delimiter).length);
    const fields = counts[0] ?? 1;
    if (fields < 2) continue;
    const agreeing = counts.filter((count) => count === fields).length;
    if (agreeing > best.agreeing || (agreeing === best.agreeing && fields > best.fields))
      best = { delimiter, agreeing, fields };
  }
  return best.delimiter;
}

/** A delimiter that the only column of a table is full of, so that it is probably the right one. */
export function missedDelimiter(records: readonly string[], used: string): string | undefined {
  const others = DELIMITERS.filter((delimiter) => delimiter !== used);
  return others.find((delimiter) => {
    const counts = records.map((record) => fieldsOf(record, delimiter).length);
    return (counts[0] ?? 1) > 1 && counts.filter((count) => count === counts[0]).length > counts.length / 2;
  });
}
