import { commonCode, formatPath, type Problem } from '../../contracts/file-problems';
import { MillraceError, type ErrorCode } from '../../contracts/errors';
import type { Place, YamlTree } from './yaml-tree';

/** Problems that an error spells out; the rest is counted. */
const MOST_REPORTED = 30;

/**
 * All problems of a file as one error, in the order of the lines. `where` is the first place; `details.problems` has each with file, line,
 * column, path and message.
 * @param shown the file's path as the reader knows it
 */
export function problemsError(
  shown: string,
  problems: readonly (Problem & { readonly place?: Place })[],
  locate: YamlTree['locate'],
  general: ErrorCode,
): MillraceError {
  const placed = problems
    .map((problem) => ({ problem, place: problem.place ?? locate(problem.path, problem.at) }))
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column);
  const lines = [
    ...new Set(
      placed.map(({ problem, place }) => {
        const path = formatPath(problem.path);
        return `${shown}:${place.line}:${place.column} ${path === '' ? '' : `${path}: `}${problem.message}`;
      }),
    ),
  ];
  const code = commonCode(problems, general);
  const left = lines.length - MOST_REPORTED;
  const count = lines.length === 1 ? 'a problem' : `${lines.length} problems`;
  const first = placed[0]?.place;
  return new MillraceError(
    code,
    [
      `${shown} has ${count}:`,
      ...lines.slice(0, MOST_REPORTED).map((line) => `  ${line}`),
      ...(left > 0 ? [`  and ${left} more`] : []),
    ].join('\n'),
    {
      ...(first === undefined ? {} : { where: `${shown}:${first.line}:${first.column}` }),
      mend: MENDS[code] ?? 'Mend the file at the places named; `millrace validate` checks it again.',
      details: {
        problems: placed.slice(0, MOST_REPORTED).map(({ problem, place }) => ({
          file: shown,
          ...place,
          path: formatPath(problem.path),
          message: problem.message,
        })),
        more: Math.max(left, 0),
      },
    },
  );
}

const MENDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  PIPELINE_PARAMETER_INVALID:
    'Give the parameters with --param NAME=VALUE, or as "params" of the run\'s input.',
  NOT_SUPPORTED_YET: 'Take the named keys out; what replaces them for now stands beside each.',
  POOL_UNKNOWN:
    'Add it to pools of the environment in millrace.yaml (`pools: { gpu: 4 }`), or name one that is there.',
  KUBERNETES_CONFIG:
    'Add `kubernetes` to the environment in millrace.yaml (docs/operations/kubernetes.md), or train with `backend: local`.',
  PATH_OUTSIDE_ROOT:
    'Move the files into the project, or set dataRoot in millrace.yaml to a folder that holds them.',
};
