/** Takes the files that a message names into the store, before anything starts: whatever becomes of them then, the run has their bytes. */
import { access, constants, stat } from 'node:fs/promises';
import path from 'node:path';
import { isPermissionDenied } from '../../../../adapters/local-disk/durable-files';
import { isInside, leadsNowhere, realPathOf } from '../../../../adapters/project/paths';
import { isMillraceError, MillraceError } from '../../../../contracts/errors';
import type { Arrival } from '../../../../contracts/events';
import type { RequestedFile } from '../../../../contracts/training-request';
import type { ArtifactStore } from '../../../../ports/artifact-store';
import type { Registration } from '../../../../ports/registration-ledger';
import { isOfItsFile, isOfOneFile } from './passing';

/** A file that still changes after this many tries is not complete. */
const TRIES = 3;

/**
 * The arrivals of one pipeline's run.
 * @throws PATH_OUTSIDE_ROOT, SOURCE_NOT_FOUND, EVENT_INVALID for an empty file, FILE_INCOMPLETE for one that is being written, EVENT_REFUSED when
 * it is not clear which source is meant, SOURCE_UNREADABLE, retryable where the disk cannot read it at this moment. Whatever the store or the disk throws
 * beside these: say it again.
 */
export async function takeIn(
  { store, dataRoot }: { readonly store: Pick<ArtifactStore, 'putBlob'>; readonly dataRoot: string },
  { pipeline, sources }: Pick<Registration, 'pipeline' | 'sources'>,
  files: readonly RequestedFile[],
): Promise<Arrival[]> {
  const placed = files.map((file) => ({ ...file, source: sourceOf(file, pipeline, sources) }));
  const arrivals: Arrival[] = [];
  for (const { path: named, source, mode } of placed) {
    const { sha256, bytes } = await taken(store, named, await fileAt(named, dataRoot));
    arrivals.push({ source, mode, name: named, sha256, bytes });
  }
  return arrivals;
}

function sourceOf(
  { path: named, source }: RequestedFile,
  pipeline: string,
  sources: readonly string[],
): string {
  if (source !== undefined && sources.includes(source)) return source;
  const [only] = sources;
  if (source === undefined && sources.length === 1 && only !== undefined) return only;
  const known = sources.join(', ');
  throw new MillraceError(
    'EVENT_REFUSED',
    source === undefined
      ? `The pipeline ${pipeline} has several sources, and the message does not say which gets ${named}.`
      : `The pipeline ${pipeline} has no source ${source}.`,
    { where: named, mend: `write { path, source } with one of ${known}` },
  );
}

async function fileAt(named: string, dataRoot: string): Promise<string> {
  const absolute = path.resolve(dataRoot, named);
  const outside = new MillraceError('PATH_OUTSIDE_ROOT', `The file ${named} is not below the data root.`, {
    where: named,
    mend: 'name files relative to the data root, and below it',
  });
  if (named.includes('\0') || path.isAbsolute(named) || !isInside(absolute, dataRoot)) throw outside;
  const [real, root] = await orNamed(named, () => Promise.all([realPathOf(absolute), realPathOf(dataRoot)]));
  if (!isInside(real, root)) throw outside;
  return real;
}

async function taken(
  store: Pick<ArtifactStore, 'putBlob'>,
  named: string,
  file: string,
): Promise<{ sha256: string; bytes: number }> {
  for (let attempt = 1; ; attempt++) {
    await requireContent(named, file);
    try {
      return await store.putBlob(file);
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      // It vanished just now, or its rights were taken; the error names the message's path and not the one of this host.
      if (error.code === 'SOURCE_NOT_FOUND') throw missing(named);
      if (error.code === 'SOURCE_UNREADABLE' && !error.retryable) throw unreadable(named);
      if (isOfItsFile(error)) throw unread(named, error.cause);
      if (error.code !== 'SOURCE_CHANGED') throw error;
      if (attempt < TRIES) continue;
      throw new MillraceError(
        'FILE_INCOMPLETE',
        `The file ${named} changed while it was read, ${TRIES} times.`,
        {
          where: named,
          mend: 'send the message once the file is written',
        },
      );
    }
  }
}

async function requireContent(named: string, file: string): Promise<void> {
  const found = await orNamed(named, () => stat(file));
  if (!found.isFile()) throw missing(named);
  if (found.size === 0)
    throw new MillraceError('EVENT_INVALID', `The file ${named} is empty.`, {
      where: named,
      mend: 'send the message once the file is written',
    });
  await orNamed(named, () => access(file, constants.R_OK));
}

/** What the file is refused for in the message's words; what the disk says of itself is no refusal of the message. */
async function orNamed<Found>(named: string, look: () => Promise<Found>): Promise<Found> {
  try {
    return await look();
  } catch (error) {
    if (leadsNowhere(error)) throw missing(named);
    if (isPermissionDenied(error)) throw unreadable(named);
    if (isOfOneFile(error)) throw unread(named, error);
    throw error;
  }
}

function unreadable(named: string): MillraceError {
  return new MillraceError('SOURCE_UNREADABLE', `The file ${named} may not be read by this service.`, {
    where: named,
    mend: 'give its user the right to read the file, then send the message again',
  });
}

function unread(named: string, cause: unknown): MillraceError {
  return new MillraceError('SOURCE_UNREADABLE', `The disk cannot read the file ${named}.`, {
    where: named,
    mend: 'look at the disk; put the file there again, then replay this letter',
    cause,
    retryable: true,
  });
}

function missing(named: string): MillraceError {
  return new MillraceError('SOURCE_NOT_FOUND', `There is no file ${named} below the data root.`, {
    where: named,
    mend: 'send the message once the file is there',
  });
}
