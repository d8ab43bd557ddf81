import { dirname, relative, resolve } from 'node:path';
import { digestOf } from '../../contracts/digest';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import { nearest } from '../../contracts/file-problems';
import type { Environment } from '../../contracts/project-file';
import type { LoadedPipeline, PipelineCatalog, PipelineListing } from '../../ports/pipeline-catalog';
import { readText } from './file-text';
import { commitOf } from './git-commit';
import { isInside, realPathOf } from './paths';
import { findPipelines, type FoundFile } from './pipeline-files';
import { pathProblems } from './pipeline-paths';
import { readPipeline } from './pipeline-reader';
import type { Project } from './project';
import { problemsError } from './report-problems';

/** Channels that every environment has. */
const BUILT_IN_CHANNELS = ['console', 'file'];

/**
 * The pipeline files of a project, as they are on disk at the moment of each call. With `refusesWhatIsNotThere` a file whose pool or cluster the environment has not is a
 * broken one: for commands that people type. The service and the workers leave it to the run, which fails with the same code.
 */
export function createPipelineCatalog({
  project,
  environment,
  refusesWhatIsNotThere = false,
}: {
  readonly project: Project;
  readonly environment: Environment;
  readonly refusesWhatIsNotThere?: boolean;
}): PipelineCatalog {
  const context = {
    channels: [...BUILT_IN_CHANNELS, ...Object.keys(environment.channels)],
    modelPrefix: environment.modelPrefix,
    ...(refusesWhatIsNotThere && {
      pools: environment.pools,
      hasCluster: environment.kubernetes !== undefined,
    }),
  };

  async function read(
    file: string,
    given: Readonly<Record<string, unknown>>,
    found: readonly FoundFile[],
    nominalDate?: string,
  ): Promise<LoadedPipeline> {
    const shown = relative(project.root, file);
    await assertInside(file, shown);
    const text = await readText(file, 'PIPELINE_FILE_INVALID', shown);
    if (text === undefined) throw notFound(shown, found);
    const reading = readPipeline(text, given, context, nominalDate);
    const directory = dirname(file);
    const roots = { directory, projectRoot: project.root, dataRoot: project.dataRoot };
    const problems = [
      ...reading.problems,
      ...(reading.written === undefined ? [] : await pathProblems(reading.written, roots)),
    ];
    if (problems.length > 0 || reading.spec === undefined)
      throw problemsError(shown, problems, reading.locate, 'PIPELINE_FILE_INVALID');
    return { spec: reading.spec, file, ...roots, digest: digestOf(reading.spec) };
  }

  async function assertInside(file: string, shown: string): Promise<void> {
    const [real, root] = await Promise.all([realPathOf(file), realPathOf(project.root)]);
    if (isInside(file, project.root) && isInside(real, root)) return;
    throw new MillraceError('PATH_OUTSIDE_ROOT', `The pipeline file ${shown} lies outside the project.`, {
      where: shown,
      mend: `Move it into the project, or work from the project that it belongs to.`,
    });
  }

  return {
    load: async (nameOrPath, params = {}, nominalDate) => {
      const found = await findPipelines(project);
      const file = looksLikePath(nameOrPath) ? resolve(project.root, nameOrPath) : fileOf(nameOrPath, found);
      const loaded = await read(file, params, found, nominalDate);
      const { name } = loaded.spec;
      const others = found.filter((other) => other.file !== file && other.heading?.name === name);
      if (others.length > 0)
        throw sharedName(name, [...found.filter((other) => other.file === file), ...others]);
      const gitCommit = await commitOf(loaded.directory);
      return { ...loaded, ...(gitCommit === undefined ? {} : { gitCommit }) };
    },
    list: async () => {
      const found = await findPipelines(project);
      const sharing = new Set(duplicatesOf(found).flat());
      return Promise.all(
        found.map((entry) => listing(entry, sharing.has(entry), found, (file) => read(file, {}, found))),
      );
    },
  };
}

function looksLikePath(text: string): boolean {
  return /\.ya?ml$/.test(text) || text.includes('/') || text.includes('\\');
}

/** The one file of this name. @throws PIPELINE_NOT_FOUND; PIPELINE_FILE_INVALID when two files have it. */
function fileOf(name: string, found: readonly FoundFile[]): string {
  const named = found.filter(({ heading }) => heading?.name === name);
  const [only] = named;
  if (only !== undefined && named.length === 1) return only.file;
  if (only !== undefined) throw sharedName(name, named);
  // A file that cannot be read as YAML has no name; it is the one that was meant when its text or its file's name says so.
  const broken = found.find(
    ({ heading, shown, text }) =>
      heading === undefined &&
      (text?.split('\n', 200).some((line) => line.replace(/["'\r]/g, '').trimEnd() === `name: ${name}`) ===
        true ||
        shown.endsWith(`/${name}.yaml`)),
  );
  if (broken !== undefined) return broken.file;
  throw notFound(name, found);
}

function notFound(name: string, found: readonly FoundFile[]): MillraceError {
  const names = found.flatMap(({ heading }) => heading?.name ?? []);
  const near = nearest(name, names);
  const unreadable = found.filter(({ heading }) => heading?.name === undefined).map(({ shown }) => shown);
  const known =
    names.length === 0
      ? 'The project has no pipelines yet'
      : `There are ${names.sort().slice(0, 20).join(', ')}`;
  return new MillraceError(
    'PIPELINE_NOT_FOUND',
    `There is no pipeline ${name}.${near === undefined ? '' : ` Did you mean ${near}?`}`,
    {
      where: name,
      mend: `${known}${unreadable.length === 0 ? '' : ` (and without a readable name: ${unreadable.slice(0, 5).join(', ')})`}; \`millrace init --from DATA.csv --label COLUMN\` writes a new one.`,
    },
  );
}

function sharedName(name: string, named: readonly FoundFile[]): MillraceError {
  const places = [...named]
    .sort((a, b) => (a.shown < b.shown ? -1 : 1))
    .map(({ shown, heading }) => `${shown}:${heading?.nameLine ?? 1}`);
  return new MillraceError(
    'PIPELINE_FILE_INVALID',
    `Two pipeline files are called ${name}: ${places.join(' and ')}.`,
    {
      where: places.join(', '),
      mend: 'Give one of them another name: runs, models and stored steps go by it.',
    },
  );
}

function duplicatesOf(found: readonly FoundFile[]): FoundFile[][] {
  const byName = Map.groupBy(found, ({ heading }) => heading?.name);
  return [...byName].flatMap(([name, files]) => (name !== undefined && files.length > 1 ? [files] : []));
}

async function listing(
  entry: FoundFile,
  sharesName: boolean,
  found: readonly FoundFile[],
  read: (file: string) => Promise<LoadedPipeline>,
): Promise<PipelineListing> {
  const { heading, shown, file } = entry;
  const { name, description, owner, tags = [], params = {} } = heading ?? {};
  const problem = sharesName
    ? sharedName(
        name ?? '',
        found.filter((other) => other.heading?.name === name),
      )
    : await problemOf(read(file));
  return {
    file: shown,
    ...(name !== undefined && { name }),
    ...(description !== undefined && { description }),
    ...(owner !== undefined && { owner }),
    tags,
    params,
    // That a parameter has no value yet is no fault of the file.
    ...(problem !== undefined &&
      problem.code !== 'PIPELINE_PARAMETER_INVALID' && {
        problem: { code: problem.code, message: problem.message },
      }),
  };
}

async function problemOf(reading: Promise<unknown>): Promise<MillraceError | undefined> {
  try {
    await reading;
    return undefined;
  } catch (error) {
    if (isMillraceError(error)) return error;
    throw error;
  }
}
