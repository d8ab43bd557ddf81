/** What of the worker's environment reaches a trainer: an allowlist, so that the worker's credentials do not. */
import { delimiter, dirname } from 'node:path';
import type { JobRequest } from '../../../ports/job-backend';

/** Where programs and libraries are, who the user is, which language, which trust roots, which GPUs. No proxies: their addresses carry passwords. */
export const PASSED_VARIABLES = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'LANG',
  'LANGUAGE',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'LD_LIBRARY_PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'CUDA_HOME',
  'CUDA_VISIBLE_DEVICES',
  'NVIDIA_VISIBLE_DEVICES',
  'NVIDIA_DRIVER_CAPABILITIES',
] as const;

/** The name of the variable that tells a trainer its job directory; by it, too, processes of a job are known when their parents are gone. */
export const JOB_DIRECTORY_VARIABLE = 'MILLRACE_JOB_DIR';

/** The whole environment of an attempt in `directory`. The environment's own programs come first on PATH, so that `python` is its Python. */
export function trainerEnvironmentFor(
  request: Pick<JobRequest, 'python' | 'environment'>,
  directory: string,
  trainersPath: string,
  worker: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed = PASSED_VARIABLES.flatMap((name) =>
    worker[name] === undefined ? [] : [[name, worker[name]] as const],
  );
  return {
    ...Object.fromEntries(passed),
    PATH: [dirname(request.python), worker.PATH ?? '/usr/local/bin:/usr/bin:/bin'].join(delimiter),
    // Lines of the log appear as they are printed, and the order of sets does not differ between two runs.
    PYTHONUNBUFFERED: '1',
    PYTHONHASHSEED: '0',
    ...request.environment,
    PYTHONPATH: trainersPath,
    [JOB_DIRECTORY_VARIABLE]: directory,
  };
}
