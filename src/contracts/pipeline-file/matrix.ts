/** Expanding `matrix` into candidates. Pure. */
import type { Problem } from '../file-problems';
import { canonicalJson } from '../digest';
import { slug } from './names';
import type { Candidate } from './training';

/** Most candidates that one pipeline may train. */
export const MOST_CANDIDATES = 100;

/**
 * One candidate for each combination of a matrix, named `NAME-1`, `NAME-2`, … in the order written, last key fastest; a candidate without
 * a matrix as it is. Problems: more than {@link MOST_CANDIDATES}, a name twice or too long, a parameter that `params` sets too, a value twice.
 */
export function expandCandidates(candidates: readonly Candidate[]): {
  candidates: Candidate[];
  problems: Problem[];
} {
  const problems: Problem[] = [];
  const expanded: { candidate: Candidate; from: number }[] = [];
  const refuse = (path: Problem['path'], message: string): void =>
    void problems.push({ path, at: 'value', code: 'PIPELINE_FILE_INVALID', message });

  const total = candidates.reduce((sum, { matrix }) => sum + combinationCount(matrix), 0);
  if (total > MOST_CANDIDATES) {
    refuse(['candidates'], `expands to ${total} candidates; a pipeline has at most ${MOST_CANDIDATES}`);
    return { candidates: [], problems };
  }
  candidates.forEach((candidate, index) => {
    const { matrix, ...rest } = candidate;
    if (matrix === undefined) {
      expanded.push({ candidate, from: index });
      return;
    }
    for (const [key, values] of Object.entries(matrix)) {
      const path = ['candidates', index, 'matrix', key];
      if (Object.hasOwn(candidate.params, key))
        refuse(path, `${key} stands in params as well: keep it in one of the two`);
      if (new Set(values.map(canonicalJson)).size < values.length)
        refuse(path, `${key} has the same value twice`);
    }
    combinations(matrix).forEach((combination, place) =>
      expanded.push({
        candidate: {
          ...rest,
          name: `${candidate.name}-${place + 1}`,
          params: { ...candidate.params, ...combination },
        },
        from: index,
      }),
    );
  });

  const seen = new Map<string, number>();
  const tooLong = new Set<number>();
  for (const { candidate, from } of expanded) {
    const path = ['candidates', from, 'name'];
    const before = seen.get(candidate.name);
    if (before !== undefined && before !== from)
      refuse(path, `two candidates are called ${candidate.name}; the other one is candidates[${before}]`);
    seen.set(candidate.name, from);
    if (slug.safeParse(candidate.name).success || tooLong.has(from)) continue;
    tooLong.add(from);
    refuse(path, `becomes ${candidate.name}, which is longer than 63 characters`);
  }
  return { candidates: expanded.map(({ candidate }) => candidate), problems };
}

type Matrix = NonNullable<Candidate['matrix']>;

function combinationCount(matrix: Matrix | undefined): number {
  return Object.values(matrix ?? {}).reduce((product, values) => product * values.length, 1);
}

function combinations(matrix: Matrix): Record<string, unknown>[] {
  return Object.entries(matrix).reduce<Record<string, unknown>[]>(
    (rows, [key, values]) => rows.flatMap((row) => values.map((value) => ({ ...row, [key]: value }))),
    [{}],
  );
}
