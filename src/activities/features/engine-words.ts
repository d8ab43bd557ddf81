/** The first line of what the table engine says of an error: the rest points into SQL that the reader did not write. */
export function engineWords(error: unknown): string {
  // By its shape: an error of a native module is no `instanceof Error` in another realm.
  const message =
    typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : String(error);
  const [line = ''] = message.split('\n');
  return line.replace(/[.!]$/, '');
}
