/** Running uv, the resolver and installer. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { MillraceError } from '../../contracts/errors';

const run = promisify(execFile);
const TIMEOUT_MS = 20 * 60_000;
/** Building a package runs its code: of the worker's environment only what finds programs, trust roots, caches and indexes is passed on. */
const PASSED =
  /^(?:PATH|HOME|USER|LANG|LC_\w+|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR|XDG_\w+|UV_\w+|(?:HTTPS?|ALL|NO)_PROXY|(?:https?|all|no)_proxy)$/;
/** Words of uv for a network that does not answer: trying again can help. */
const NETWORK =
  /error sending request|dns error|connect(?:ion)? (?:error|refused|reset|timed out)|operation timed out|request failed after|5\d\d (?:bad gateway|service unavailable)/i;
const LAST_CHARACTERS = 2000;

/** Runs uv. @throws TRAINER_ENVIRONMENT_FAILED with its own words; retryable when they speak of the network. */
export async function runUv(uv: string, args: readonly string[], where: string): Promise<void> {
  try {
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED.test(name)));
    await run(uv, args, { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 64 << 20 });
  } catch (error) {
    const words = wordsOf(error);
    const network = NETWORK.test(words);
    throw new MillraceError(
      'TRAINER_ENVIRONMENT_FAILED',
      `The Python environment of a trainer could not be built:\n${words}`,
      {
        where,
        mend: network
          ? 'Check that the package index can be reached from the worker.'
          : "Change the requirements so that they agree with the versions of Millrace's own trainers (trainers/requirements.lock).",
        retryable: network,
        cause: error,
      },
    );
  }
}

function wordsOf(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message?: string };
  const said = stderr?.trim() ?? '';
  return (said === '' ? (message ?? 'uv gave no reason') : said).slice(-LAST_CHARACTERS);
}
