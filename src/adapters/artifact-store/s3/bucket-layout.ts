/**
 * Where things lie in the bucket, below the prefix of the store:
 *
 *     blobs/aa/SHA256                   bytes by content: source files, and the files of step outputs
 *     steps/STEP/aa/KEY/DIGEST.json     manifest of an output, kept
 *     steps/STEP/aa/KEY/manifest.json   copy of the manifest that is valid for the key; putting it there, once, is the commit
 *
 * and in the cache folder of each host the same as in a file store, without manifests.
 */
import type { StepName } from '../../../contracts/artifacts';
import type { ObjectAddress } from '../../../ports/object-storage';

/** Addresses of one store. Names are digests and step names, checked by their schemas before they come here. */
export class BucketLayout {
  private readonly base: string;

  constructor(
    readonly bucket: string,
    prefix: string,
  ) {
    const trimmed = prefix.replace(/^\/+|\/+$/g, '');
    this.base = trimmed === '' ? '' : `${trimmed}/`;
  }

  /** What all keys begin with: empty, or with a slash at its end. */
  get prefix(): string {
    return this.base;
  }

  blob(sha256: string): ObjectAddress {
    return this.at(`blobs/${sha256.slice(0, 2)}/${sha256}`);
  }

  currentManifest(step: StepName, key: string): ObjectAddress {
    return this.at(`steps/${step}/${key.slice(0, 2)}/${key}/manifest.json`);
  }

  manifest(step: StepName, key: string, digest: string): ObjectAddress {
    return this.at(`steps/${step}/${key.slice(0, 2)}/${key}/${digest}.json`);
  }

  private at(name: string): ObjectAddress {
    return { bucket: this.bucket, key: `${this.base}${name}` };
  }
}
