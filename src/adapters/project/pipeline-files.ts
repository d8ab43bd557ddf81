/** Finding pipeline files in a project. */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { hasCode } from '../local-disk/durable-files';
import { readText } from './file-text';
import type { Project } from './project';
import { readHeading, type PipelineHeading } from './pipeline-reader';

/** Folders are searched this deep below the pipelines folder: `pipelines/examples/churn/pipeline.yaml`. */
const DEEPEST = 4;
const MOST_FILES = 2000;
const NOT_SEARCHED = new Set(['node_modules', 'data', '__pycache__', 'mlruns']);

/** Absolute paths of all `.yaml` and `.yml` files under the project's folder for pipelines, in order; no folder, no files. */
export async function listPipelineFiles(project: Pick<Project, 'pipelines'>): Promise<string[]> {
  const found: string[] = [];
  const search = async (folder: string, depth: number): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return [];
      throw error;
    });
    for (const entry of entries) {
      if (found.length >= MOST_FILES) return;
      const path = join(folder, entry.name);
      const searched = !entry.name.startsWith('.') && !NOT_SEARCHED.has(entry.name);
      if (entry.isDirectory()) {
        if (searched && depth < DEEPEST) await search(path, depth + 1);
      } else if (/\.ya?ml$/.test(entry.name) && searched) found.push(path);
    }
  };
  await search(project.pipelines, 1);
  return found.sort();
}

/** A file in the pipelines folder, read as far as it can be. */
export interface FoundFile {
  /** Absolute. */
  readonly file: string;
  /** Relative to the project's root. */
  readonly shown: string;
  /** Absent when the file is no readable YAML mapping. */
  readonly heading?: PipelineHeading;
  readonly text?: string;
}

/** All files of the pipelines folder that are, or may be, pipeline files: other YAML in subfolders is left out. */
export async function findPipelines(project: Pick<Project, 'pipelines' | 'root'>): Promise<FoundFile[]> {
  const files = await listPipelineFiles(project);
  const found: FoundFile[] = [];
  for (const file of files) {
    const shown = relative(project.root, file);
    const text = await readText(file, 'PIPELINE_FILE_INVALID', shown).catch(() => undefined);
    const heading = text === undefined ? undefined : readHeading(text);
    if (heading !== undefined && !isPipeline(heading)) continue;
    found.push({ file, shown, ...(heading && { heading }), ...(text !== undefined && { text }) });
  }
  return found;
}

function isPipeline({ apiVersion, name }: PipelineHeading): boolean {
  return apiVersion?.startsWith('millrace/') ?? name !== undefined;
}
