/** Joins what many callers want to tell one receiver into few calls: one is under way at a time, and the next takes all that came in the meantime. */

interface Waiting<Word> {
  readonly word: Word;
  readonly settle: (error?: Error) => void;
}

/** Calls to receivers by name. Memory holds what is not told yet, and nothing else. */
export class JoinedCalls<Word> {
  private readonly lines = new Map<string, Waiting<Word>[]>();

  /**
   * @param most words that one call takes
   * @param call tells a receiver; whom it fails for are all whose words it carries
   */
  constructor(
    private readonly most: number,
    private readonly call: (receiver: string, words: readonly Word[]) => Promise<void>,
  ) {}

  /** Resolves when the receiver has been told. @throws what the call that carried the word has thrown. */
  tell(receiver: string, word: Word): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: Error): void => (error === undefined ? resolve() : reject(error));
      const line = this.lines.get(receiver);
      if (line) line.push({ word, settle });
      else {
        this.lines.set(receiver, [{ word, settle }]);
        void this.work(receiver);
      }
    });
  }

  private async work(receiver: string): Promise<void> {
    for (let line = this.lines.get(receiver); line && line.length > 0; line = this.lines.get(receiver)) {
      const told = line.splice(0, this.most);
      const error = await this.call(
        receiver,
        told.map(({ word }) => word),
      ).then(
        () => undefined,
        (reason: unknown) => (reason instanceof Error ? reason : new Error(String(reason))),
      );
      for (const { settle } of told) settle(error);
    }
    this.lines.delete(receiver);
  }
}
