/**
 * Where things lie under the root of a file store:
 *
 *     store.json                               id of the store
 *     blobs/aa/SHA256                          source files by content
 *     sources/DEVICE-INODE.json                what a source file held in its last known state: an index, may be lost
 *     contents/aa/DIGEST/…                     files of step outputs by content digest, read-only
 *     steps/STEP/aa/KEY/DIGEST.json            manifest of an output, kept
 *     steps/STEP/aa/KEY/manifest.json          hard link to the manifest that is valid for the key; making it is the commit
 *     staging/OWNER/…                          what is being written, by the process that writes it
 *
 * Contents are found by digest and not by key, so a reference in a history stays good when its key is forgotten and written again.
 */
import { join } from 'node:path';
import type { StepName } from '../../../contracts/artifacts';

/** Paths of one store. Names are digests and step names, checked by their schemas before they come here. */
export class StoreLayout {
  constructor(readonly root: string) {}

  get identity(): string {
    return join(this.root, 'store.json');
  }

  get staging(): string {
    return join(this.root, 'staging');
  }

  blob(sha256: string): string {
    return join(this.root, 'blobs', sha256.slice(0, 2), sha256);
  }

  sourceIndexEntry(device: bigint, inode: bigint): string {
    return join(this.root, 'sources', `${device}-${inode}.json`);
  }

  contents(digest: string): string {
    return join(this.root, 'contents', digest.slice(0, 2), digest);
  }

  /** Folder of all manifests that were ever written under a key. */
  key(step: StepName, key: string): string {
    return join(this.root, 'steps', step, key.slice(0, 2), key);
  }

  /** The valid manifest of a key: it exists if and only if the step's output is committed. */
  currentManifest(step: StepName, key: string): string {
    return join(this.key(step, key), 'manifest.json');
  }

  manifest(step: StepName, key: string, digest: string): string {
    return join(this.key(step, key), `${digest}.json`);
  }
}
