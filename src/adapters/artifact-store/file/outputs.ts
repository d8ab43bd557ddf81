/** Committed step outputs: manifests by key, files by content. */
import { link, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import {
  contentDigestOf,
  manifestSchema,
  type ArtifactRef,
  type Manifest,
  type StepName,
} from '../../../contracts/artifacts';
import { MillraceError } from '../../../contracts/errors';
import type { StoredArtifact } from '../../../ports/artifact-store';
import { createFileOnce, hasCode, readIfPresent, syncDirectory } from '../../local-disk/durable-files';
import { findDamage, sealContents } from './contents';
import type { StoreLayout } from './layout';
import type { Staging } from '../../local-disk/staging';

/** Rounds in which {@link publish} replaces a damaged manifest. Two would do; more outlast others who mend the same key. */
const MENDING_TRIES = 10;

/** The output that is committed under a key, if its files are all there in their sizes; else the step must run again. */
export async function findOutput(
  layout: StoreLayout,
  step: StepName,
  key: string,
): Promise<StoredArtifact | undefined> {
  const manifest = await readManifest(layout.currentManifest(step, key));
  if (
    manifest === undefined ||
    (await findDamage(layout.contents(manifest.digest), manifest.files, false)) !== undefined
  )
    return undefined;
  return stored(layout, manifest);
}

/** The output that a reference names, checked by size, or by bytes. @throws STORE_CORRUPT when it is gone or damaged. */
export async function openOutput(
  layout: StoreLayout,
  ref: ArtifactRef,
  bytes: boolean,
): Promise<StoredArtifact> {
  const path = layout.manifest(ref.step, ref.key, ref.digest);
  const manifest = await readManifest(path);
  const names = manifest?.step === ref.step && manifest.key === ref.key && manifest.digest === ref.digest;
  if (manifest === undefined || !names) throw corrupt(path, 'its manifest is gone or names something else');
  if (contentDigestOf(manifest.files) !== ref.digest) throw corrupt(path, 'its manifest was changed');
  const damage = await findDamage(layout.contents(ref.digest), manifest.files, bytes);
  if (damage !== undefined) throw corrupt(layout.contents(ref.digest), damage);
  return stored(layout, manifest);
}

/** What a step's own work says of its output. */
export interface WrittenOutput {
  readonly summary: unknown;
  readonly inputs?: Readonly<Record<string, string>>;
}

/** Writes an output to a staging folder and commits it under its key, or returns what was committed there first. */
export async function commitOutput(
  layout: StoreLayout,
  staging: Staging,
  step: StepName,
  key: string,
  write: (folder: string) => Promise<WrittenOutput>,
): Promise<StoredArtifact> {
  return staging.use(async (folder) => {
    await mkdir(folder);
    const manifest = manifestOf(step, key, await write(folder), await sealContents(folder));
    // A writer that comes late drops its work here; only writers that end at the same moment leave contents that no key names.
    const first = await findOutput(layout, step, key);
    if (first !== undefined) return first;
    await moveContents(layout, staging, folder, manifest);
    return publish(layout, manifest);
  });
}

/** The manifest of an output that was written just now. */
export function manifestOf(
  step: StepName,
  key: string,
  written: WrittenOutput,
  files: Manifest['files'],
): Manifest {
  return manifestSchema.parse({
    version: 1,
    step,
    key,
    digest: contentDigestOf(files),
    files,
    inputs: written.inputs ?? {},
    summary: written.summary ?? null,
    createdAt: new Date().toISOString(),
  });
}

/** Takes the manifest off a key. References to the output stay good; the step runs again. */
export async function forgetOutput(layout: StoreLayout, step: StepName, key: string): Promise<void> {
  const path = layout.currentManifest(step, key);
  await rm(path, { force: true });
  await syncDirectory(dirname(path)).catch(() => undefined);
}

/** Equal contents are kept once. Contents that are there already but damaged make room: this is how a store heals. */
export async function moveContents(
  layout: StoreLayout,
  staging: Staging,
  folder: string,
  manifest: Manifest,
): Promise<void> {
  const target = layout.contents(manifest.digest);
  await mkdir(dirname(target), { recursive: true });
  for (;;) {
    try {
      await rename(folder, target);
      await syncDirectory(dirname(target));
      return;
    } catch (error) {
      // An empty folder is silently replaced by rename, and needs no other case.
      if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
    }
    if ((await findDamage(target, manifest.files, true)) === undefined) return;
    await staging.use((aside) => rename(target, aside).catch(ignoreMissing));
  }
}

/**
 * Makes a manifest the valid one of its key, unless a valid one is there. One that cannot be read, or whose files are damaged, gives way.
 * Should two processes mend the same key at once, each returns an output that stays good, whichever of them the key names in the end.
 */
async function publish(layout: StoreLayout, manifest: Manifest): Promise<StoredArtifact> {
  const { step, key, digest } = manifest;
  const own = layout.manifest(step, key, digest);
  const current = layout.currentManifest(step, key);
  await mkdir(layout.key(step, key), { recursive: true });
  for (let tries = 0; tries < MENDING_TRIES; tries++) {
    await createFileOnce(own, `${JSON.stringify(manifest, null, 1)}\n`);
    await linkOnce(own, current);
    const first = await findOutput(layout, step, key);
    if (first !== undefined) return first;
    await rm(current, { force: true });
    await rm(own, { force: true });
  }
  throw corrupt(current, 'its files are damaged again as soon as they are written');
}

async function linkOnce(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
    await syncDirectory(dirname(to));
  } catch (error) {
    // Whoever mends the key beside us may have taken `from` away again: the next round writes it anew.
    if (!hasCode(error, 'EEXIST') && !hasCode(error, 'ENOENT')) throw error;
  }
}

async function readManifest(path: string): Promise<Manifest | undefined> {
  const text = await readIfPresent(path);
  return text === undefined ? undefined : parseManifest(text);
}

/** The manifest in a text, or undefined when it is none. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** An output whose files lie on this disk. */
export function stored(layout: StoreLayout, manifest: Manifest): StoredArtifact {
  const { step, key, digest } = manifest;
  return { ref: { step, key, digest }, manifest, directory: layout.contents(digest) };
}

/** The error for an output that is not what it should be. */
export function corrupt(where: string, damage: string): MillraceError {
  return new MillraceError('STORE_CORRUPT', `An artifact is not what was committed: ${damage}.`, {
    where,
    mend: 'Run with --no-cache, so that the step is done again.',
  });
}

function ignoreMissing(error: unknown): void {
  if (!hasCode(error, 'ENOENT')) throw error;
}
