/** Reading artifacts for the report: what is gone or broken is noted and left out, what a retry can help is thrown. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactRef, Manifest } from '../../../contracts/artifacts';
import { isMillraceError } from '../../../contracts/errors';
import type { ArtifactStore, StoredArtifact } from '../../../ports/artifact-store';

/** A zod schema, or anything that checks a value. */
export interface Checked<T> {
  parse(value: unknown): T;
}

/** Opens each artifact once. */
export class ArtifactReader {
  readonly #noted = new Map<string, string>();
  readonly #opened = new Map<string, Promise<StoredArtifact | undefined>>();

  constructor(private readonly store: ArtifactStore) {}

  /** One sentence for each artifact that could not be read. */
  get unreadable(): string[] {
    return [...this.#noted.values()];
  }

  /** A JSON file of an artifact; undefined when there is no such artifact, or it cannot be read. */
  async json<T>(
    role: string,
    ref: ArtifactRef | undefined,
    file: string,
    schema: Checked<T>,
  ): Promise<T | undefined> {
    const stored = await this.#open(role, ref);
    if (!stored) return undefined;
    return this.#tolerating(role, async () =>
      schema.parse(JSON.parse(await readFile(path.join(stored.directory, file), 'utf8'))),
    );
  }

  /** The small result in an artifact's manifest. */
  async summary<T>(role: string, ref: ArtifactRef | undefined, schema: Checked<T>): Promise<T | undefined> {
    const stored = await this.#open(role, ref);
    if (!stored) return undefined;
    return this.#tolerating(role, () => Promise.resolve(schema.parse(stored.manifest.summary)));
  }

  async manifest(role: string, ref: ArtifactRef | undefined): Promise<Manifest | undefined> {
    return (await this.#open(role, ref))?.manifest;
  }

  #open(role: string, ref: ArtifactRef | undefined): Promise<StoredArtifact | undefined> {
    if (!ref) return Promise.resolve(undefined);
    const known = this.#opened.get(ref.key);
    if (known) return known;
    const opening = this.#tolerating(role, () => this.store.open(ref));
    this.#opened.set(ref.key, opening);
    return opening;
  }

  async #tolerating<T>(role: string, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (isMillraceError(error) && error.retryable) throw error;
      this.#noted.set(role, `The ${role} could not be read: ${wordsOf(error)}`);
      return undefined;
    }
  }
}

/** A schema's complaint runs over many lines; its beginning says enough. */
function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s+/g, ' ').slice(0, 300);
}
