import type { ArtifactRef, Manifest, StepIdentity } from '../contracts/artifacts';

/** A committed step output. */
export interface StoredArtifact {
  readonly ref: ArtifactRef;
  readonly manifest: Manifest;
  /** Absolute local folder with the files; read-only by convention. */
  readonly directory: string;
}

/** Bytes in the store under their digest. */
export interface StoredBlob {
  readonly sha256: string;
  readonly bytes: number;
  /** Absolute local path; read-only by convention. */
  readonly path: string;
}

/**
 * Where step outputs live, by key. Writing is atomic and the first writer wins: a second commit under the same key
 * returns what the first one left. A file store is local to a host and carries an id; work on it goes to that host's queues.
 * A store in a bucket keeps copies of what is read in a folder of this host.
 */
export interface ArtifactStore {
  /** Stable id of this store; part of the names of host-bound task queues. */
  readonly id: string;
  /** Whether only this host can read it, so that work on it must come here. */
  readonly hostBound: boolean;
  /** The output under the key of `identity`, or undefined. A half-written one does not exist. */
  find(identity: StepIdentity): Promise<StoredArtifact | undefined>;
  /** The output that `ref` names. @throws STORE_CORRUPT when it is gone or has another digest. */
  open(ref: ArtifactRef): Promise<StoredArtifact>;
  /** The output that has this key, whatever its step. */
  openByKey(key: string): Promise<StoredArtifact | undefined>;
  /**
   * Runs `write` on a fresh staging folder and commits the folder with a manifest; on an error nothing stays behind.
   * `summary` must be small JSON: it comes back from {@link find} on a cache hit.
   */
  commit(
    identity: StepIdentity,
    write: (
      stagingDirectory: string,
    ) => Promise<{ summary: unknown; inputs?: Readonly<Record<string, string>> }>,
  ): Promise<StoredArtifact>;
  /** Takes the bytes of a file in under their SHA-256, by copy, and returns digest, size and the stored path. @throws SOURCE_CHANGED when the file changed meanwhile. */
  putBlob(file: string): Promise<StoredBlob>;
  /** Runs `write`, which makes the file that it is given the path of, and takes that file in. On an error nothing stays behind. */
  receiveBlob(write: (stagingFile: string) => Promise<void>): Promise<StoredBlob>;
  /** Local path of a blob. @throws STORE_CORRUPT when it is gone. */
  blobPath(sha256: string): Promise<string>;
  /** Deletes the manifest under a key (`--no-cache`, `--from`), so that the step runs again. */
  forget(identity: StepIdentity): Promise<void>;
}
