/** The project's artifact store, as commands read it. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createFileArtifactStore, type FileArtifactStore } from '../adapters/artifact-store/file';
import { stateFolders } from '../adapters/project/state-folders';
import type { ArtifactRef } from '../contracts/artifacts';
import { MillraceError } from '../contracts/errors';
import type { RunStatus, Stage } from '../contracts/runs';
import type { CommandContext } from './context';

/** Opens the store of the environment. */
export function openStore(context: CommandContext): Promise<FileArtifactStore> {
  const { store } = context.environment;
  const root =
    'path' in store ? resolve(context.project.root, store.path) : stateFolders(context.project.root).store;
  return createFileArtifactStore({ root });
}

/** What a stage of a run left. @throws RUN_CONFLICT when it left nothing, or has not got there. */
export function artifactOf(status: RunStatus, stage: Stage): ArtifactRef {
  const entry = status.stages.find((one) => one.stage === stage);
  if (entry?.artifact) return entry.artifact;
  const having = status.stages.filter(({ artifact }) => artifact).map((one) => one.stage);
  throw new MillraceError('RUN_CONFLICT', `The stage ${stage} of ${status.workflowId} left no artifact.`, {
    where: status.workflowId,
    mend: having.length === 0 ? 'no stage has so far' : `these have: ${having.join(', ')}`,
  });
}

/** A JSON file of an artifact. */
export async function readArtifactJson(
  store: FileArtifactStore,
  ref: ArtifactRef,
  file: string,
): Promise<unknown> {
  const { directory } = await store.open(ref);
  return JSON.parse(await readFile(join(directory, file), 'utf8'));
}
