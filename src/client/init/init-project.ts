/** `millrace init`: a new project, or a new pipeline for a data file. */
import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { findProjectRoot, readProject, type Project } from '../../adapters/project';
import { findPipelines } from '../../adapters/project/pipeline-files';
import { readPipeline } from '../../adapters/project/pipeline-reader';
import { MillraceError } from '../../contracts/errors';
import { formatPath } from '../../contracts/file-problems';
import { slug } from '../../contracts/pipeline-file';
import type { TableEngine } from '../../ports/table-engine';
import { editorSchemas, schemaText } from '../editor-schemas';
import { exampleCsv } from './example-data';
import { identifierOf, slugOf, stemOf } from './names';
import { planNotes } from './plan-notes';
import { placeFile } from './place-file';
import { planPipeline, type PipelinePlan } from './pipeline-plan';
import { profileFile } from './profile-file';
import { IGNORED, projectFiles } from './project-files';
import { renderPipeline } from './render-pipeline';

/** What `millrace init` was asked for. */
export interface InitOptions {
  /** Where: an existing project or below one, or the folder of a new one. */
  readonly directory: string;
  /** Data file to write a pipeline for, relative to `workingDirectory`. */
  readonly from?: string;
  /** Column to predict; needed with `from`. */
  readonly label?: string;
  /** Column that identifies a row; found unless given. */
  readonly key?: string;
  /** Name of the pipeline; the file's unless given. */
  readonly name?: string;
  /** What relative paths start at; the process's own folder unless given. */
  readonly workingDirectory?: string;
  readonly engine: TableEngine;
}

/** What was written, and what a person should know about it. */
export interface InitResult {
  /** Absolute root of the project. */
  readonly root: string;
  /** Files written, relative to the root. */
  readonly files: readonly string[];
  /** Sentences in the order in which they matter; the last one says what to do next. */
  readonly notes: readonly string[];
  /** Name of the pipeline that was written. */
  readonly pipeline?: string;
}

/**
 * Makes a project where there is none (settings, folders, and an example unless `from` is given), and with `from` writes a commented, runnable
 * pipeline file from a look at the data. Never overwrites a file. The pipeline file is checked before it is written.
 * @throws USAGE, SOURCE_NOT_FOUND, SOURCE_EMPTY, SOURCE_UNREADABLE, DATASET_INVALID; PROJECT_FILE_INVALID for a broken project.
 */
export async function initProject(options: InitOptions): Promise<InitResult> {
  const workingDirectory = resolve(options.workingDirectory ?? process.cwd());
  const directory = resolve(workingDirectory, options.directory);
  const { from, label } = options;
  if (from !== undefined && label === undefined)
    throw new MillraceError('USAGE', 'Which column should be predicted?', {
      where: '--from',
      mend: `Add --label COLUMN: millrace init --from ${from} --label COLUMN`,
    });
  if (from === undefined && (label ?? options.key) !== undefined)
    throw new MillraceError('USAGE', '--label and --key describe a data file, and none is given.', {
      where: '--from',
      mend: 'Add --from FILE.',
    });

  const root = await findProjectRoot(directory);
  const skeleton = await writeSkeleton(root);
  const project = await readProject(root);
  if (from !== undefined && label !== undefined) {
    const added = await addPipeline(project, { ...options, from, label, workingDirectory });
    return { root, files: [...skeleton, ...added.files], notes: added.notes, pipeline: added.pipeline };
  }
  if (!skeleton.includes('millrace.yaml'))
    return {
      root,
      files: skeleton,
      notes: ['This is a project already.', 'Next: millrace init --from FILE.csv --label COLUMN'],
    };
  const data = join(root, 'data/example.csv');
  const written = await writeNew(root, 'data/example.csv', exampleCsv());
  const added = await addPipeline(project, {
    engine: options.engine,
    from: data,
    label: 'left',
    name: options.name ?? 'example',
    workingDirectory,
  });
  return {
    root,
    files: [...skeleton, ...written, ...added.files],
    notes: ['data/example.csv is made up: customers of a service, and who leaves.', ...added.notes],
    pipeline: added.pipeline,
  };
}

async function writeSkeleton(root: string): Promise<string[]> {
  const written: string[] = [];
  for (const folder of ['pipelines', 'data']) await mkdir(join(root, folder), { recursive: true });
  for (const [path, text] of Object.entries(projectFiles()))
    written.push(...(await writeNew(root, path, text)));
  for (const [name, schema] of Object.entries(editorSchemas())) {
    // Of this program's version, not of a person: replaced.
    const path = join(root, '.millrace/schemas', name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, schemaText(schema));
  }
  return [...written, ...(await ignore(root))];
}

/** Writes a file unless there is one; returns its path if it wrote. */
async function writeNew(root: string, path: string, text: string): Promise<string[]> {
  try {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text, { flag: 'wx' });
    return [path];
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return [];
    throw error;
  }
}

async function ignore(root: string): Promise<string[]> {
  const path = join(root, '.gitignore');
  const text = await readFile(path, 'utf8').catch(() => '');
  const present = new Set(text.split(/\r?\n/).map((line) => line.trim()));
  const missing = IGNORED.filter((line) => !present.has(line));
  // Of a file that is there only what Millrace itself needs is added: whether data is ignored is the owner's choice.
  const added = text === '' ? missing : missing.filter((line) => line === '.millrace/');
  if (added.length === 0) return [];
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  await writeFile(path, `${text}${gap}${added.join('\n')}\n`);
  return ['.gitignore'];
}

async function addPipeline(
  project: Project,
  options: Pick<InitOptions, 'engine' | 'key' | 'name'> & {
    readonly from: string;
    readonly label: string;
    readonly workingDirectory: string;
  },
): Promise<{ files: string[]; notes: string[]; pipeline: string }> {
  const file = resolve(options.workingDirectory, options.from);
  const name = options.name ?? slugOf(stemOf(file));
  if (!slug.safeParse(name).success)
    throw new MillraceError('USAGE', `${name} cannot be the name of a pipeline.`, {
      where: '--name',
      mend: `Use lower-case letters, digits and hyphens: --name ${slugOf(name)}`,
    });
  const path = relative(project.root, join(project.pipelines, `${name}.yaml`));
  await refuseTaken(project, path, name);
  const profile = await profileFile(options.engine, {
    file,
    shown: options.from,
    label: options.label,
    ...(options.key !== undefined && { key: options.key }),
  });
  const placed = await placeFile(file, options.from, project.dataRoot);
  const plan = planPipeline({
    ...profile,
    name,
    source: { name: identifierOf(slugOf(stemOf(file))), uri: placed.uri },
  });
  if (plan.features.select.length === 0)
    throw new MillraceError('DATASET_INVALID', `${options.from} has no column to learn from.`, {
      where: options.from,
      mend: `Left out were ${plan.features.dropped.map(({ column, why }) => `${column.name} (${why})`).join(', ')}.`,
    });
  const text = renderPipeline(plan, relative(dirname(path), '.millrace/schemas/pipeline.schema.json'));
  assertValid(text, plan);
  if ((await writeNew(project.root, path, text)).length === 0) throw taken(path);
  return {
    files: [...(placed.copied ? [placed.uri] : []), path],
    notes: planNotes(plan, placed, path),
    pipeline: name,
  };
}

/** Neither the file nor the name may be in use. */
async function refuseTaken(project: Project, path: string, name: string): Promise<void> {
  if (await exists(join(project.root, path))) throw taken(path);
  const other = (await findPipelines(project)).find(({ heading }) => heading?.name === name);
  if (other === undefined) return;
  throw new MillraceError('USAGE', `The pipeline ${name} is there already, in ${other.shown}.`, {
    where: other.shown,
    mend: 'Choose another name with --name.',
  });
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

function taken(path: string): MillraceError {
  return new MillraceError('USAGE', `There is a file ${path} already; nothing was overwritten.`, {
    where: path,
    mend: 'Choose another name with --name.',
  });
}

/** A file that the validator refuses must never reach a person. */
function assertValid(text: string, { name }: PipelinePlan): void {
  const { problems } = readPipeline(text, {}, { channels: ['console', 'file'], modelPrefix: '' });
  if (problems.length > 0)
    throw new MillraceError('INTERNAL', `The pipeline file for ${name} would not be valid.`, {
      where: problems.map(({ path, message }) => `${formatPath(path)}: ${message}`).join('; '),
      mend: 'Please report this with the names and types of your columns.',
      retryable: false,
    });
}
