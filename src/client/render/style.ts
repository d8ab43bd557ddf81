/** Colours and marks of a terminal. */

/** Wraps text in a style, or leaves it where nobody sees colours. */
export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly busy: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly strong: (text: string) => string;
}

const plain = (text: string): string => text;
const ansi =
  (code: number) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${code}m${text}\u001b[0m`;

/** Text as it is. */
export const PLAIN: Style = { good: plain, bad: plain, busy: plain, faint: plain, strong: plain };

/** Colours of a terminal that has them. */
const COLOURED: Style = {
  good: ansi(32),
  bad: ansi(31),
  busy: ansi(36),
  faint: ansi(2),
  strong: ansi(1),
};

/** Colours where standard output is a terminal and NO_COLOR is not set (https://no-color.org). */
export function styleOf(stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Style {
  return stream.isTTY === true && (environment.NO_COLOR ?? '') === '' ? COLOURED : PLAIN;
}

/** Columns that a text takes, colours not counted. */
export function widthOf(text: string): number {
  return Array.from(withoutStyle(text)).length;
}

/** Cuts a text to so many columns, colours given up where it must be cut. */
export function fit(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  return `${Array.from(withoutStyle(text))
    .slice(0, Math.max(0, columns - 1))
    .join('')}…`;
}

function withoutStyle(text: string): string {
  // eslint-disable-next-line no-control-regex -- the escape sequence that starts every colour
  return text.replace(/\u001b\[\d+m/g, '');
}
