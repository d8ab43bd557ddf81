/** `millrace.yaml`: the project and its environments. */
import { access } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { didYouMean, schemaProblems, type Problem } from '../../contracts/file-problems';
import { MillraceError } from '../../contracts/errors';
import {
  projectFileSchema,
  unsupportedEnvironmentKeys,
  type Environment,
  type ProjectFile,
} from '../../contracts/project-file';
import { readText } from './file-text';
import { standingOf } from './paths';
import { problemsError } from './report-problems';
import { readYaml } from './yaml-tree';

/** Name of the project file. */
const PROJECT_FILE = 'millrace.yaml';

/** A project as it lies on disk. */
export interface Project {
  /** Absolute path of the project's root. */
  readonly root: string;
  /** Whether there is a millrace.yaml; without one everything has its default. */
  readonly hasFile: boolean;
  readonly settings: ProjectFile;
  /** Absolute folder of the pipeline files. */
  readonly pipelines: string;
  /** Absolute folder that data paths are relative to and may not leave. */
  readonly dataRoot: string;
  /**
   * The environment of this name, or the default one.
   * @throws PROJECT_FILE_INVALID when there is none of that name, NOT_SUPPORTED_YET when it asks for what this version cannot do.
   */
  environment(name?: string): { readonly name: string; readonly settings: Environment };
}

/**
 * Reads the project file under `root`. Without one a project has the defaults: pipelines in `pipelines/`, an environment `local`.
 * @throws PROJECT_FILE_INVALID with every problem, each with line and column.
 */
export async function readProject(root: string): Promise<Project> {
  const absolute = resolve(root);
  const text = await readText(join(absolute, PROJECT_FILE), 'PROJECT_FILE_INVALID', PROJECT_FILE);
  const tree = readYaml(text ?? 'apiVersion: millrace/v1', 'PROJECT_FILE_INVALID');
  const fail = (problems: readonly Problem[]): MillraceError =>
    problemsError(PROJECT_FILE, problems, tree.locate, 'PROJECT_FILE_INVALID');
  if (tree.problems.length > 0) throw fail(tree.problems);

  const parsed = projectFileSchema.safeParse(tree.value);
  if (!parsed.success)
    throw fail(schemaProblems(projectFileSchema, tree.value, parsed.error.issues, 'PROJECT_FILE_INVALID'));
  const settings = parsed.data;
  const problems = [
    ...defaultProblems(settings),
    ...(await folderProblem(absolute, 'pipelines', settings.pipelines)),
  ];
  if (problems.length > 0) throw fail(problems);

  return {
    root: absolute,
    hasFile: text !== undefined,
    settings,
    pipelines: join(absolute, settings.pipelines),
    dataRoot: resolve(absolute, settings.dataRoot),
    environment: (wanted) => {
      const name = wanted ?? settings.default;
      const environment = Object.hasOwn(settings.environments, name)
        ? settings.environments[name]
        : undefined;
      if (environment === undefined)
        throw new MillraceError(
          'PROJECT_FILE_INVALID',
          `There is no environment ${name}${didYouMean(name, Object.keys(settings.environments))}.`,
          { where: PROJECT_FILE, mend: 'Choose one with --env, or add it under environments.' },
        );
      const unsupported = unsupportedEnvironmentKeys(name, environment);
      if (unsupported.length > 0)
        throw fail(
          unsupported.map(({ path, reason }) => ({
            path,
            at: 'key',
            code: 'NOT_SUPPORTED_YET',
            message: reason,
          })),
        );
      return { name, settings: environment };
    },
  };
}

/** The nearest folder from `start` upwards that holds a millrace.yaml; `start` itself when none does. */
export async function findProjectRoot(start: string): Promise<string> {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    try {
      await access(join(folder, PROJECT_FILE));
      return folder;
    } catch {
      if (dirname(folder) === folder) return resolve(start);
    }
  }
}

function defaultProblems({ default: name, environments }: ProjectFile): Problem[] {
  const names = Object.keys(environments);
  if (names.includes(name)) return [];
  return [
    {
      path: ['default'],
      at: 'value',
      code: 'PROJECT_FILE_INVALID',
      message: `the default environment ${name} does not stand under environments${didYouMean(name, names)}`,
    },
  ];
}

async function folderProblem(root: string, key: string, folder: string): Promise<Problem[]> {
  if ((await standingOf(folder, root, root)) !== 'outside') return [];
  return [
    { path: [key], at: 'value', code: 'PATH_OUTSIDE_ROOT', message: `${folder} leads out of the project` },
  ];
}
