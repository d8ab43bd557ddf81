/** The base interpreter, and what is installed with it. */
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { MillraceError } from '../../contracts/errors';

const run = promisify(execFile);
const PROGRAM =
  'import json, platform, sys, sysconfig; print(json.dumps({"identity": [platform.python_implementation(), platform.python_version(), sys.platform, platform.machine()], "sitePackages": sysconfig.get_path("purelib")}))';

const answerSchema = z.object({
  /** Implementation, version, system and machine: another one is another environment. */
  identity: z.array(z.string()),
  sitePackages: z.string(),
});
export type BasePython = z.infer<typeof answerSchema>;

/** Asks the interpreter who it is. @throws TRAINER_ENVIRONMENT_FAILED when it does not run. */
export async function askPython(python: string): Promise<BasePython> {
  try {
    const { stdout } = await run(python, ['-I', '-c', PROGRAM]);
    return answerSchema.parse(JSON.parse(stdout));
  } catch (error) {
    throw new MillraceError(
      'TRAINER_ENVIRONMENT_FAILED',
      `The Python interpreter of the trainers does not run: ${(error as Error).message}`,
      {
        where: python,
        mend: 'Run the set-up again (npm run demo), or millrace doctor.',
        cause: error,
      },
    );
  }
}

/** Installed distributions of a site-packages folder: normalised name → version. */
export async function installedIn(sitePackages: string): Promise<ReadonlyMap<string, string>> {
  const pairs = (await readdir(sitePackages)).flatMap((entry) => {
    const [, name, version] = /^(.+)-([^-]+)\.dist-info$/.exec(entry) ?? [];
    return name === undefined || version === undefined ? [] : [[normalName(name), version] as const];
  });
  return new Map(pairs);
}

/** A distribution's name in the form in which two spellings of one are equal (PEP 503). */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-');
}
