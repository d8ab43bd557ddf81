import type { ErrorCode } from '../errors';

/** A step into a file: the key of a mapping or the place in a list, from 0. */
export type PathStep = string | number;

/** One thing that is wrong with a file that a person wrote. The reader of the file adds line and column. */
export interface Problem {
  readonly path: readonly PathStep[];
  /** Whether the key or the value is at fault: what the place points at. */
  readonly at: 'key' | 'value';
  readonly code: ErrorCode;
  /** What is wrong and, where it can be told, what was meant. */
  readonly message: string;
}

/** A path as people write it: `candidates[1].params`, `quality.columns["Total Charges"]`; the empty path is empty text. */
export function formatPath(path: readonly PathStep[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** The one code for a list of problems: the code they share, or `general` when they are of several kinds. */
export function commonCode(problems: readonly Problem[], general: ErrorCode): ErrorCode {
  const codes = new Set(problems.map((problem) => problem.code));
  const [only] = codes;
  return codes.size === 1 && only !== undefined ? only : general;
}
