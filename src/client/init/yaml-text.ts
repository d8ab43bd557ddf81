/** Writing YAML by hand, so that comments stand where they belong. */
import { parse } from 'yaml';
import type { PlainValue } from './table-facts';

/** A value as a YAML scalar that may stand in a list or mapping on one line; quoted where YAML would read something else. */
export function scalar(value: PlainValue): string {
  if (typeof value !== 'string') return String(value);
  // Yes and No are texts in YAML 1.2, and truths to many other readers.
  if (/^(y|n|yes|no|on|off)$/i.test(value)) return JSON.stringify(value);
  const isPlain =
    /^[\p{L}_][\p{L}\p{N}_ ./-]*$/u.test(value) && !value.endsWith(' ') && parse(value) === value;
  return isPlain ? value : JSON.stringify(value);
}

/** `[a, b]`. */
export function list(values: readonly PlainValue[]): string {
  return `[${values.map(scalar).join(', ')}]`;
}

/** `{ a: 1, b: x }`, members without a value left out. */
export function mapping(members: Readonly<Record<string, string | undefined>>): string {
  const written = Object.entries(members).flatMap(([key, text]) =>
    text === undefined ? [] : [`${scalar(key)}: ${text}`],
  );
  return written.length === 0 ? '{}' : `{ ${written.join(', ')} }`;
}

/** A list over several lines of at most `width` characters, for many short values. */
export function wrappedList(values: readonly PlainValue[], indent: string, width = 110): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const [index, value] of values.entries()) {
    const text = `${scalar(value)}${index < values.length - 1 ? ',' : ''}`;
    if (line.trim() !== '' && line.length + text.length + 1 > width) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += line === indent ? text : ` ${text}`;
  }
  return [...lines, line];
}

/** A text as one line of a comment: control characters would end it. */
export function comment(text: string): string {
  // eslint-disable-next-line no-control-regex -- line breaks and control characters of the data
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ').slice(0, 200);
}
