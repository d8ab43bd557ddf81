/** What came in, as a dead letter shows it: bounded for all who write letters. */

/** Bytes of UTF-8 that the input of a dead letter may have. */
export const LETTER_INPUT_BYTES = 64 * 1024;

/**
 * The text, if it is not too long; otherwise as much of its beginning as fits, and a line that says how long it was. `whole` is the length in bytes of what
 * came in, where the text is only its beginning.
 */
export function letterInput(text: string, whole?: number): string {
  const bytes = Buffer.byteLength(text);
  if (bytes <= LETTER_INPUT_BYTES && whole === undefined) return text;
  const note = `\n… cut here: it has ${String(whole ?? bytes)} bytes`;
  const shown = Buffer.from(text).subarray(0, LETTER_INPUT_BYTES - Buffer.byteLength(note));
  // Streaming, it keeps the beginning of a character to itself whose end was cut off.
  return new TextDecoder().decode(shown, { stream: true }) + note;
}
