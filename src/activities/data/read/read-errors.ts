/** The engine's words about a source that it cannot read → an error that names the file, the line and the mend. */
import { MillraceError } from '../../../contracts/errors';
import { MAX_LINE_BYTES } from './csv-dialect';

/** A file of a source: as the project knows it, and its bytes in the store. */
export interface ReadableFile {
  readonly path: string;
  readonly blob: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly says: (match: RegExpExecArray) => string;
  readonly mend: string;
}

const RULES: readonly Rule[] = [
  {
    pattern: /Expected Number of Columns: (\d+) Found: (\d+)/,
    says: ([, expected, found]) => `has ${found} fields where the header has ${expected}`,
    mend: 'Mend the line, or put quotes around fields that contain the delimiter.',
  },
  {
    pattern: /Invalid unicode|not utf-8 encoded|Invalid UTF-?8/i,
    says: () => 'is not valid UTF-8',
    mend: 'Save the file as UTF-8, for example with: iconv -f WINDOWS-1252 -t UTF-8 IN > OUT',
  },
  {
    pattern: /unterminated quote/,
    says: () => 'begins a quote that is never closed',
    mend: 'Close the quote, or double it where it is part of the text ("").',
  },
  {
    pattern: /Maximum line size/i,
    says: () => `is longer than the ${MAX_LINE_BYTES} bytes that a line may have`,
    mend: 'Shorten the field, close a quote that is left open, or give the data as Parquet.',
  },
  {
    pattern: /Error when converting column "(.*)"\. Could not convert string "([\s\S]*?)" to '?(.*?)'?$/m,
    says: ([, column, value, type]) =>
      `has ${JSON.stringify(cut(value ?? '', 60))} in the column ${column}, which is no ${type}`,
    mend: 'Mend the value, list it under nulls if it means missing, or set the type of the column under types.',
  },
  {
    pattern: /byte order mark \(BOM\) is not supported/,
    says: () => 'begins with a byte-order mark, which JSON forbids',
    mend: "Take it off, for example with: sed -i '1s/^\\xEF\\xBB\\xBF//' FILE",
  },
  {
    pattern: /has duplicate key "(.*)"/,
    says: ([, key]) => `has the key ${JSON.stringify(key)} twice`,
    mend: 'Give each key of an object once.',
  },
  {
    pattern: /Malformed JSON/,
    says: () => 'is not a JSON object',
    mend: 'Write one JSON object a line (JSON lines).',
  },
  {
    pattern:
      /No magic bytes|not a parquet file|too small to be a Parquet file|Invalid thrift|TProtocolException|Corrupt(ed)? (parquet|file)/i,
    says: () => 'is not a Parquet file, or is cut off',
    mend: 'Write the file again, or say which format it has.',
  },
  {
    pattern: /gzip|GZIP|decompress|miniz|zlib/,
    says: () => 'cannot be unpacked',
    mend: 'Check that the file is a complete gzip file, or take .gz off its name.',
  },
  {
    pattern: /state machine reached an invalid state|possible to automatically detect the CSV/,
    says: () => 'is not regular CSV (RFC 4180)',
    mend: 'Look for stray quotes, mixed line ends and another delimiter; set delimiter and header if needed.',
  },
];

/** What the engine says when the machine, not the data, is at fault. */
const NOT_THE_DATA =
  /^(Out of Memory|IO Error: (Could not|No space|Cannot)|INTERRUPT|Interrupt|INTERNAL Error|FATAL)/;

/** The engine's words; `instanceof` would not know an error that was made in another realm. */
export function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : String(error);
}

/**
 * `SOURCE_UNREADABLE` for an error that is about one of the files, or undefined when it is about something else.
 * Paths of the store are replaced by those of the project.
 */
export function readError(error: unknown, files: readonly ReadableFile[]): MillraceError | undefined {
  const text = messageOf(error);
  if (NOT_THE_DATA.test(text)) return undefined;
  const rule = RULES.find(({ pattern }) => pattern.test(text));
  const file = files.find(({ blob }) => text.includes(blob)) ?? (files.length === 1 ? files[0] : undefined);
  const match = rule?.pattern.exec(text);
  if (rule === undefined || !match) return undefined;
  const line = lineOf(text);
  const path = file?.path ?? 'one of its files';
  return new MillraceError(
    'SOURCE_UNREADABLE',
    line === undefined ? `${path} ${rule.says(match)}.` : `Line ${line} of ${path} ${rule.says(match)}.`,
    { where: line === undefined ? path : `${path}:${line}`, mend: rule.mend, cause: error },
  );
}

/** Number of the line at fault. Where JSON cannot be parsed the engine counts from two. */
function lineOf(text: string): number | undefined {
  const line = /(?:CSV Error on Line: |in line )(\d+)/.exec(text)?.[1];
  if (line === undefined) return undefined;
  return text.includes('Malformed JSON') ? Number(line) - 1 : Number(line);
}

/** The column whose values do not have the type that their sample had, when that is what the error says. */
export function unconvertedColumn(error: unknown): string | undefined {
  return /Error when converting column "(.*)"\. Could/.exec(messageOf(error))?.[1];
}

/** The engine's message without its advice on options that nobody can set here, its source line, and the store's paths. */
export function engineMessage(error: unknown, files: readonly ReadableFile[] = []): string {
  const text = messageOf(error);
  const named = files.reduce((message, { blob, path }) => message.replaceAll(blob, path), text);
  return cut(named.split(/\n\s*(?:LINE \d+:|Possible|file =)|\n\n/)[0]?.trim() ?? '', 400);
}

/** A text of at most `length` characters. */
export function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
