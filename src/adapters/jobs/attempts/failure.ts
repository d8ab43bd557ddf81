/** What an ended attempt means: a pure function of how it ended and what it left. */
import { ERRORS, isErrorCode, type ErrorCode } from '../../../contracts/errors';
import { BAD_INPUT_EXIT_CODE, jobErrorSchema, jobResultSchema } from '../../../contracts/trainer';
import type { ExitRecord } from './records';

/** Everything a verdict rests on. Texts are undefined where the file is not there. */
export interface AttemptEnd {
  readonly exit: ExitRecord;
  readonly resultText: string | undefined;
  readonly errorText: string | undefined;
  /** Last lines of the trainer's own output. */
  readonly logTail: string;
  readonly timeoutSeconds: number | undefined;
  readonly memoryBytes: number | undefined;
}

/** How an attempt is to be seen from now on. */
export type Verdict =
  | { readonly phase: 'succeeded' }
  | { readonly phase: 'cancelled' }
  | { readonly phase: 'failed'; readonly code: ErrorCode; readonly message: string };

/** Signals by which a process ends itself; any other was sent by somebody. */
const SELF_INFLICTED = new Set([
  'SIGSEGV',
  'SIGABRT',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
  'SIGSYS',
  'SIGTRAP',
  'SIGPIPE',
  'SIGXCPU',
  'SIGXFSZ',
]);

/** The verdict on an attempt that is over. */
export function verdictOn(end: AttemptEnd): Verdict {
  const { exit } = end;
  switch (exit.reason) {
    case 'cancelled':
      return { phase: 'cancelled' };
    case 'timeout':
      return failed(
        'TRAINER_TIMEOUT',
        `The trainer was still running after ${end.timeoutSeconds ?? '?'} seconds and was ended.`,
      );
    case 'out-of-memory':
      return failed('TRAINER_OUT_OF_MEMORY', memoryMessage(end));
    case 'not-started':
      return failed(
        'TRAINER_ENVIRONMENT_FAILED',
        `The trainer's command could not be started: ${exit.message ?? 'no reason given'}.`,
      );
    case 'stopped':
      return failed(
        'TRAINER_LOST',
        'The supervisor of the trainer was stopped from outside, as by a host that shuts down.',
      );
    case 'lost':
      return failed('TRAINER_LOST', exit.message ?? 'The trainer vanished.');
    case 'signalled':
      return signalled(exit.signal ?? 'a signal', end);
    case 'exited':
      return exited(exit.exitCode ?? 0, end);
  }
}

function exited(exitCode: number, end: AttemptEnd): Verdict {
  if (exitCode === 0) return resultOf(end.resultText);
  const told = parse(jobErrorSchema, end.errorText);
  if (exitCode === BAD_INPUT_EXIT_CODE) {
    const named =
      told?.code !== undefined && isErrorCode(told.code) && !ERRORS[told.code].retryable
        ? told.code
        : 'TRAINER_BAD_INPUT';
    return failed(
      named,
      told?.message ?? lastLine(end) ?? 'The trainer refused its input and did not say why.',
    );
  }
  const why = told?.message ?? lastLine(end);
  return failed(
    'TRAINER_CRASHED',
    `The trainer ended with exit code ${exitCode}${why === undefined ? '.' : `: ${why}`}`,
  );
}

function resultOf(text: string | undefined): Verdict {
  if (text === undefined)
    return failed('TRAINER_NO_RESULT', 'The trainer ended with exit code 0 but left no out/result.json.');
  if (parse(jobResultSchema, text) !== undefined) return { phase: 'succeeded' };
  return failed(
    'TRAINER_BAD_RESULT',
    'The out/result.json that the trainer left does not follow the trainer contract.',
  );
}

function signalled(signal: string, end: AttemptEnd): Verdict {
  if (!SELF_INFLICTED.has(signal))
    return failed('TRAINER_LOST', `The trainer was killed from outside (${signal}).`);
  // The result is written last. What breaks after it is the end of the interpreter (Arrow's threads, issue 34314), not the training.
  if (resultOf(end.resultText).phase === 'succeeded') return { phase: 'succeeded' };
  const why = lastLine(end);
  return failed('TRAINER_CRASHED', `The trainer crashed (${signal})${why === undefined ? '.' : `: ${why}`}`);
}

function memoryMessage({ exit, memoryBytes }: AttemptEnd): string {
  const peak = `${mebibytes(exit.maxRssBytes)} MiB seen at most`;
  const overOwnLimit = memoryBytes !== undefined && exit.maxRssBytes > memoryBytes;
  return overOwnLimit
    ? `The trainer used more than its ${mebibytes(memoryBytes)} MiB of memory and was ended (${peak}).`
    : `The kernel killed the trainer because memory ran out (${peak}).`;
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

/** In Python's tracebacks the last line names the error. */
function lastLine({ logTail }: AttemptEnd): string | undefined {
  return logTail
    .split('\n')
    .findLast((line) => line.trim() !== '')
    ?.trim()
    .slice(0, 500);
}

function failed(code: ErrorCode, message: string): Verdict {
  return { phase: 'failed', code, message };
}

function parse<T>(
  schema: { safeParse(value: unknown): { success: boolean; data?: T } },
  text: string | undefined,
): T | undefined {
  if (text === undefined) return undefined;
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
