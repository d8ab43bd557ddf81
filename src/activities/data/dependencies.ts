import type { AnnouncementLedger } from '../../ports/announcement-ledger';
import type { ArtifactStore } from '../../ports/artifact-store';
import type { ObjectReader } from '../../ports/object-storage';
import type { TableEngine } from '../../ports/table-engine';

/** What the data activities need from outside; given by the worker's composition root. */
export interface DataActivityDependencies {
  readonly store: ArtifactStore;
  readonly engine: TableEngine;
  /** Knows the newest versions of published data sets. */
  readonly ledger: Pick<AnnouncementLedger, 'findAnnouncement'>;
  /** Where `s3://` sources are read. */
  readonly objects: ObjectReader;
  /** Digest of the code of this room: part of every key. */
  readonly codeDigest: string;
}
