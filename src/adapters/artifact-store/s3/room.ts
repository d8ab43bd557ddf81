import type { ObjectStorage } from '../../../ports/object-storage';
import type { Staging } from '../../local-disk/staging';
import type { StoreLayout } from '../file/layout';
import type { BucketLayout } from './bucket-layout';

/** The two places of a store: the bucket, where everything is, and the cache of this host, where copies are. */
export interface Room {
  readonly storage: ObjectStorage;
  readonly remote: BucketLayout;
  readonly cache: StoreLayout;
  readonly staging: Staging;
  /** Digests of blobs and outputs whose local bytes this process has compared with them. */
  readonly verified: Set<string>;
  /** Blobs that are being looked up, each with its path to be. */
  readonly looks: Map<string, Promise<string>>;
}
