/** The project's artifact store, as commands read it. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { openArtifactStore } from '../adapters/artifact-store/open';
import type { ArtifactRef } from '../contracts/artifacts';
import { MillraceError } from '../contracts/errors';
import type { RunStatus, Stage } from '../contracts/runs';
import type { ArtifactStore } from '../ports/artifact-store';
import type { CommandContext } from './context';

/** Opens the store of the environment. */
export function openStore({ project, environment }: CommandContext): Promise<ArtifactStore> {
  return openArtifactStore({ projectRoot: project.root, environment });
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

/** Path on this host of a run's report page: where it was written, or, from a store that several hosts share, a copy. Undefined when there is none. */
export async function reportPath(context: CommandContext, status: RunStatus): Promise<string | undefined> {
  const artifact = status.stages.find(({ stage }) => stage === 'report')?.artifact;
  if (status.report === undefined || artifact === undefined || existsSync(status.report))
    return status.report;
  const store = await openStore(context);
  return store.hostBound
    ? status.report
    : join((await store.open(artifact)).directory, basename(status.report));
}

/** A JSON file of an artifact. */
export async function readArtifactJson(
  store: ArtifactStore,
  ref: ArtifactRef,
  file: string,
): Promise<unknown> {
  const { directory } = await store.open(ref);
  return JSON.parse(await readFile(join(directory, file), 'utf8'));
}
