/** Files that came with the event which started the run: their bytes lie in the store, whatever has become of the files since. */
import { MillraceError } from '../../../contracts/errors';
import type { Arrival } from '../../../contracts/events';
import type { ArtifactStore } from '../../../ports/artifact-store';
import type { AcquiredFile } from '../step-files';

/** What came for one source. */
export interface ArrivedFiles {
  /** Each path once. */
  readonly files: readonly AcquiredFile[];
  /** They stand instead of what the source names, and not beside it. */
  readonly replace: boolean;
}

/** What of the arrivals is for this source. @throws STORE_CORRUPT when the bytes are gone from the store. */
export async function arrivedFiles(
  store: ArtifactStore,
  arrivals: readonly Arrival[],
  source: string,
): Promise<ArrivedFiles> {
  const own = arrivals.filter((arrival) => arrival.source === source);
  const files = new Map<string, AcquiredFile>();
  for (const { name, sha256, bytes } of own) {
    await store.blobPath(sha256);
    files.set(name, { path: name, sha256, bytes });
  }
  return { files: [...files.values()].sort(byPath), replace: own.some(({ mode }) => mode === 'replace') };
}

/** The named files with the arrived ones. What arrived stands for the file of its path as that is now, and for its own bytes under another name. */
export function appended(named: readonly AcquiredFile[], { files }: ArrivedFiles): AcquiredFile[] {
  const paths = new Set(files.map(({ path }) => path));
  const digests = new Set(files.map(({ sha256 }) => sha256));
  return [...named.filter(({ path, sha256 }) => !paths.has(path) && !digests.has(sha256)), ...files].sort(
    byPath,
  );
}

/** @throws EVENT_REFUSED when something came for a source that the pipeline does not have. */
export function requireSources(arrivals: readonly Arrival[], sources: readonly string[]): void {
  const stranger = arrivals.find(({ source }) => !sources.includes(source));
  if (!stranger) return;
  throw new MillraceError(
    'EVENT_REFUSED',
    `The pipeline has no source ${stranger.source}, which data came for.`,
    {
      where: stranger.name,
      mend: `Name one of ${sources.join(', ')} as the trigger's source, and type \`millrace apply\` again.`,
    },
  );
}

function byPath(a: AcquiredFile, b: AcquiredFile): number {
  return a.path < b.path ? -1 : 1;
}
