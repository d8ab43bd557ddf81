/** Sources that are data sets which other pipelines publish. */
import { MillraceError } from '../../../contracts/errors';
import { datasetNamedBy, type Source } from '../../../contracts/pipeline-file';
import type { AnnouncementLedger } from '../../../ports/announcement-ledger';
import type { ArtifactStore } from '../../../ports/artifact-store';
import type { AcquiredFile } from '../step-files';

/**
 * The newest version of every `dataset://NAME` of a source, as it is now, and what of the source is left: undefined where nothing is.
 * @throws SOURCE_NOT_FOUND for a data set that nobody has published yet; STORE_CORRUPT when its bytes are gone
 */
export async function publishedFiles(
  {
    store,
    ledger,
  }: { readonly store: ArtifactStore; readonly ledger: Pick<AnnouncementLedger, 'findAnnouncement'> },
  name: string,
  source: Source,
): Promise<{ files: AcquiredFile[]; left: Source | undefined }> {
  const files: AcquiredFile[] = [];
  const left: string[] = [];
  for (const uri of [source.uri].flat()) {
    const dataset = datasetNamedBy(uri);
    if (dataset === undefined) {
      left.push(uri);
      continue;
    }
    const newest = await ledger.findAnnouncement(
      { kind: 'dataset', name: dataset },
      { outcomes: ['published'] },
    );
    if (!newest?.version)
      throw new MillraceError('SOURCE_NOT_FOUND', `No version of the data set ${dataset} is published yet.`, {
        where: `sources.${name}.uri: ${uri}`,
        mend: 'Run the pipeline that publishes it, or let this one wait for it with waitFor.',
      });
    const { sha256, bytes } = newest.version;
    await store.blobPath(sha256);
    // The ending tells the format, and the digest the version.
    files.push({ path: `${uri}/${sha256.slice(0, 12)}.parquet`, sha256, bytes });
  }
  return { files, left: left.length > 0 ? { ...source, uri: left } : undefined };
}
