/** Text from outside on a terminal: what would move the cursor, change colours or ring a bell is shown as a mark. Line breaks stay. */
export function printable(text: string): string {
  return text.replace(/[^\P{C}\n]/gu, '\ufffd');
}

/** The same on one line. */
export function printableLine(text: string): string {
  return printable(text).replaceAll('\n', ' ');
}
