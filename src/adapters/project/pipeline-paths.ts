/** The paths in a pipeline file: they stay in their roots, and the user's code is there. */
import type { PathStep, Problem } from '../../contracts/file-problems';
import { featureCodeOf, splitFunction, type PipelineSpec } from '../../contracts/pipeline-file';
import { standingOf } from './paths';

/** Where the paths of a pipeline file start and what they may not leave. All absolute. */
export interface PathRoots {
  /** Folder of the pipeline file: user code is relative to it and may not leave it. */
  readonly directory: string;
  /** A requirements file may lie anywhere in it. */
  readonly projectRoot: string;
  /** Data paths are relative to it and may not leave it. */
  readonly dataRoot: string;
}

/** Every path that leads out of its root (PATH_OUTSIDE_ROOT), and every file of the user's code that is not there. */
export async function pathProblems(spec: PipelineSpec, roots: PathRoots): Promise<Problem[]> {
  const checks = [...dataPaths(spec), ...codePaths(spec), ...featureCodePaths(spec)];
  const found = await Promise.all(checks.map((check) => checkPath(check, roots)));
  return found.flat();
}

interface NamedPath {
  readonly named: string;
  readonly path: readonly PathStep[];
  readonly kind: 'data' | 'code' | 'requirements';
}

function dataPaths(spec: PipelineSpec): NamedPath[] {
  const sources = Object.entries(spec.sources).flatMap(([name, { uri }]) =>
    Array.isArray(uri)
      ? uri.map((named, index): NamedPath => ({ named, path: ['sources', name, 'uri', index], kind: 'data' }))
      : [{ named: uri, path: ['sources', name, 'uri'], kind: 'data' as const }],
  );
  const views = spec.features.pointInTime.map(({ view }, index): NamedPath => ({
    named: view,
    path: ['features', 'pointInTime', index, 'view'],
    kind: 'data',
  }));
  const { to } = spec.publish ?? {};
  const written: NamedPath[] = to === undefined ? [] : [{ named: to, path: ['publish', 'to'], kind: 'data' }];
  const watched = spec.triggers.flatMap((trigger, index): NamedPath[] => {
    if (!('file' in trigger)) return [];
    const { path: named, after } = trigger.file;
    const path = ['triggers', index, 'file'];
    const kind = 'data';
    return [
      { named, path: [...path, 'path'], kind },
      ...(typeof after === 'object'
        ? [{ named: after.move, path: [...path, 'after', 'move'], kind } as const]
        : []),
    ];
  });
  // Other schemes are refused elsewhere.
  return [...sources, ...views, ...written, ...watched].filter(
    ({ named }) => !/^(?!file:)[a-z][a-z0-9+.-]*:\/\//i.test(named),
  );
}

function codePaths(spec: PipelineSpec): NamedPath[] {
  return spec.candidates.flatMap(({ trainer }, index) => {
    if (typeof trainer === 'string') return [];
    const path = ['candidates', index, 'trainer'];
    const code = (named: string, ...steps: PathStep[]): NamedPath => ({
      named,
      path: [...path, ...steps],
      kind: 'code',
    });
    return [
      ...('python' in trainer ? [code(trainer.python.replace(/:\w+$/, ''), 'python')] : []),
      ...(trainer.requirements === undefined
        ? []
        : [
            {
              named: trainer.requirements,
              path: [...path, 'requirements'],
              kind: 'requirements' as const,
            },
          ]),
      ...trainer.include.map((named, place) => code(named, 'include', place)),
    ];
  });
}

function featureCodePaths({ features }: PipelineSpec): NamedPath[] {
  const code = featureCodeOf(features);
  if (code === undefined) return [];
  const whole = ['features', 'python'];
  const path = typeof features.python === 'string' ? whole : [...whole, 'function'];
  return [
    { named: splitFunction(code.function).file, path, kind: 'code' },
    ...(code.requirements === undefined
      ? []
      : [{ named: code.requirements, path: [...whole, 'requirements'], kind: 'requirements' as const }]),
    ...code.include.map((named, index): NamedPath => ({
      named,
      path: [...whole, 'include', index],
      kind: 'code',
    })),
  ];
}

/** Data that is missing is no problem of the file: it may come later, and then the run says which source matches nothing. */
async function checkPath({ named, path, kind }: NamedPath, roots: PathRoots): Promise<Problem[]> {
  const folder = kind === 'data' ? roots.dataRoot : roots.directory;
  const [root, rootName] = {
    data: [roots.dataRoot, 'the data root'],
    code: [roots.directory, 'the folder of the pipeline file'],
    requirements: [roots.projectRoot, 'the project'],
  }[kind] as [string, string];
  const standing = await standingOf(named, folder, root);
  const problem = (code: Problem['code'], message: string): Problem[] => [
    { path, at: 'value', code, message },
  ];
  if (standing === 'outside') return problem('PATH_OUTSIDE_ROOT', `${named} leads out of ${rootName}`);
  if (standing === 'missing' && kind !== 'data')
    return problem('PIPELINE_FILE_INVALID', `there is no file ${named} beside the pipeline file`);
  return [];
}
