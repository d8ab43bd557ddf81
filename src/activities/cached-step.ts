import type { ArtifactRef, StepIdentity } from '../contracts/artifacts';
import type { ArtifactStore, StoredArtifact } from '../ports/artifact-store';

/** One cached step: what its output depends on, and how the output is made. */
export interface CachedStep<Summary> {
  readonly identity: StepIdentity;
  /** Forget what is stored and run again (`--no-cache`, `--from`). */
  readonly fresh: boolean;
  /** Fills the staging folder and returns the small summary that also comes back on a cache hit. */
  readonly write: (stagingDirectory: string) => Promise<Summary>;
  /** Role → digest of the artifacts that went in, for lineage; the identity's inputs unless given. */
  readonly inputs?: Readonly<Record<string, string>>;
}

/** What a step left, now or earlier. */
export interface StepResult<Summary> {
  readonly artifact: ArtifactRef;
  readonly cached: boolean;
  readonly summary: Summary;
  readonly stored: StoredArtifact;
}

/**
 * Runs a step unless its output is in the store. Safe to repeat and to race: the first commit wins and everybody gets it.
 * The summary is trusted as this code once wrote it: the digest of the step's code is part of the key.
 */
export async function runCachedStep<Summary>(
  store: ArtifactStore,
  step: CachedStep<Summary>,
): Promise<StepResult<Summary>> {
  if (step.fresh) await store.forget(step.identity);
  const found = await store.find(step.identity);
  if (found)
    return { artifact: found.ref, cached: true, summary: found.manifest.summary as Summary, stored: found };
  const stored = await store.commit(step.identity, async (directory) => ({
    summary: await step.write(directory),
    inputs: step.inputs ?? step.identity.inputs,
  }));
  return { artifact: stored.ref, cached: false, summary: stored.manifest.summary as Summary, stored };
}
