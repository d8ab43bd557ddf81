/** A store in a bucket may take minutes to fetch or to commit what is large; the activity that waits for it must not seem dead meanwhile. */
import { heartbeating } from '../activities/long-work';
import type { ArtifactStore } from '../ports/artifact-store';

/** The store, with heartbeats of the activity that uses it while it works. One on a disk of this host needs none, and is returned as it is. */
export function heartbeatingStore(store: ArtifactStore): ArtifactStore {
  if (store.hostBound) return store;
  return {
    id: store.id,
    hostBound: store.hostBound,
    find: (identity) => heartbeating(() => store.find(identity)),
    open: (ref) => heartbeating(() => store.open(ref)),
    openByKey: (key) => heartbeating(() => store.openByKey(key)),
    commit: (identity, write) => heartbeating(() => store.commit(identity, write)),
    putBlob: (file) => heartbeating(() => store.putBlob(file)),
    receiveBlob: (write) => heartbeating(() => store.receiveBlob(write)),
    blobPath: (sha256) => heartbeating(() => store.blobPath(sha256)),
    forget: (identity) => heartbeating(() => store.forget(identity)),
  };
}
