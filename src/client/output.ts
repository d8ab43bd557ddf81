/** Where a command's words go: results to standard output, everything else to standard error. */

/** With `json`, standard output is one JSON document, whatever else is said. */
export class Output {
  constructor(readonly json: boolean) {}

  /** Whether a person watches standard output. */
  get live(): boolean {
    return !this.json && process.stdout.isTTY;
  }

  /** A line for people; nothing in JSON mode. */
  say(text = ''): void {
    if (!this.json) process.stdout.write(`${text}\n`);
  }

  /** A remark that is no result. */
  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** The command's result: `document` in JSON mode, the lines for people otherwise. */
  result(document: unknown, lines: readonly string[]): void {
    process.stdout.write(
      this.json ? `${JSON.stringify(document, null, 2)}\n` : lines.map((line) => `${line}\n`).join(''),
    );
  }
}
