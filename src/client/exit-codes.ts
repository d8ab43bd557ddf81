/** Exit codes that scripts can use; `millrace --help` lists them. */
import { isMillraceError, type ErrorCode } from '../contracts/errors';
import type { Outcome } from '../contracts/runs';

/** Exit codes by what they mean: the work, the words or files given, a run that ended as rejected or cancelled, a server or the set-up. */
export const EXIT = { ok: 0, failed: 1, usage: 2, rejected: 3, unavailable: 4 } as const;

/** As `--help` prints it. */
export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  failed: the run, or the command
  2  the command line, the pipeline file or the project file is not valid
  3  the run ended as rejected or cancelled
  4  something is not set up, or does not answer: Temporal, MLflow, a worker`;

const USAGE_CODES: readonly ErrorCode[] = [
  'USAGE',
  'PIPELINE_NOT_FOUND',
  'PIPELINE_FILE_INVALID',
  'PIPELINE_PARAMETER_INVALID',
  'PROJECT_FILE_INVALID',
  'NOT_SUPPORTED_YET',
  'PATH_OUTSIDE_ROOT',
];
const UNAVAILABLE_CODES: readonly ErrorCode[] = [
  'SETUP_FAILED',
  'TEMPORAL_UNAVAILABLE',
  'MLFLOW_UNAVAILABLE',
  'STORE_UNAVAILABLE',
  'LEDGER_UNAVAILABLE',
];

/** The exit code that says how a run ended. */
export function exitCodeOfOutcome(outcome: Outcome | undefined): number {
  if (outcome === 'failed') return EXIT.failed;
  if (outcome === 'rejected' || outcome === 'cancelled') return EXIT.rejected;
  return EXIT.ok;
}

/** The exit code of a command that threw. */
export function exitCodeOfError(error: unknown): number {
  if (!isMillraceError(error)) return EXIT.failed;
  if (USAGE_CODES.includes(error.code)) return EXIT.usage;
  return UNAVAILABLE_CODES.includes(error.code) ? EXIT.unavailable : EXIT.failed;
}
