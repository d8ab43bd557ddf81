import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ArtifactRef } from '../contracts/artifacts';
import type { PipelineSpec } from '../contracts/pipeline-file';
import type { SpecOrigin } from '../contracts/runs';
import type { ArtifactStore } from '../ports/artifact-store';

/** A resolved pipeline file as it lies in the store: parameters filled in, defaults applied, matrix expanded. */
export interface StoredSpec {
  readonly spec: PipelineSpec;
  readonly origin: SpecOrigin;
}

/** File of the artifact `spec`. */
export const SPEC_FILE = 'spec.json';

/** Reads a resolved pipeline file back. It was validated when it was written. @throws STORE_CORRUPT. */
export async function loadSpec(store: ArtifactStore, ref: ArtifactRef): Promise<StoredSpec> {
  const stored = await store.open(ref);
  return JSON.parse(await readFile(path.join(stored.directory, SPEC_FILE), 'utf8')) as StoredSpec;
}
