/** The activity `acquireData`: the bytes of all sources, taken into the store. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import {
  acquireDataInputSchema,
  type AcquireDataInput,
  type AcquireDataOutput,
} from '../../../contracts/steps';
import { runCachedStep } from '../../cached-step';
import { heartbeating } from '../../long-work';
import { loadSpec } from '../../stored-spec';
import type { DataActivityDependencies } from '../dependencies';
import { SOURCES_FILE, type AcquiredSources } from '../step-files';
import { appended, arrivedFiles, requireSources } from './arrived-files';
import { publishedFiles } from './published-sources';
import { sourceFiles } from './source-files';
import { objectFiles } from './source-objects';

/**
 * Reads every source file now, whatever was read before: `cached` says that the store had the same bytes already. What follows is keyed by
 * the bytes, so that a file rewritten in place is seen and one that is merely touched or moved is not.
 * What came with an event is taken as it came, whatever has become of the file since.
 * @throws SOURCE_NOT_FOUND, PATH_OUTSIDE_ROOT, SOURCE_EMPTY for a file without a byte, SOURCE_CHANGED.
 */
export async function acquireData(
  { store, ledger, objects, codeDigest }: DataActivityDependencies,
  given: AcquireDataInput,
): Promise<AcquireDataOutput> {
  const input = acquireDataInputSchema.parse(given);
  const { spec, origin } = await loadSpec(store, input.spec);
  return heartbeating(async (signal) => {
    requireSources(input.arrivals, Object.keys(spec.sources));
    const sources: AcquiredSources = {};
    for (const name of Object.keys(spec.sources).sort()) {
      const source = spec.sources[name];
      if (source === undefined) continue;
      const arrived = await arrivedFiles(store, input.arrivals, name);
      if (arrived.replace) {
        sources[name] = [...arrived.files];
        continue;
      }
      const mayBeNone = arrived.files.length > 0;
      const published = await publishedFiles({ store, ledger }, name, source);
      const fetched = await objectFiles({ store, objects }, name, published.left, { mayBeNone, signal });
      const acquired = [...published.files, ...fetched.files];
      const { left } = fetched;
      for (const { path, file } of left ? await sourceFiles(name, left, origin.projectRoot, mayBeNone) : []) {
        signal?.throwIfAborted();
        const { sha256, bytes } = await store.putBlob(file);
        if (bytes === 0) throw empty(name, path);
        acquired.push({ path, sha256, bytes });
      }
      sources[name] = appended(acquired, arrived);
    }
    const { artifact, cached } = await runCachedStep(store, {
      identity: { step: 'acquire', code: codeDigest, params: { sources }, inputs: {} },
      fresh: false,
      write: async (directory) => {
        await writeFile(join(directory, SOURCES_FILE), `${JSON.stringify(sources, null, 1)}\n`);
        return null;
      },
    });
    const files = Object.values(sources).flat();
    return {
      artifact,
      cached,
      files: files.length,
      bytes: files.reduce((total, file) => total + file.bytes, 0),
    };
  });
}

function empty(name: string, path: string): MillraceError {
  return new MillraceError('SOURCE_EMPTY', `The file ${path} of the source ${name} is empty.`, {
    where: path,
    mend: 'Give a file with a header line and rows, or take this file out of the source.',
  });
}
