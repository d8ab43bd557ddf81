/** The user's own code: which files go with a job, and the digest that makes a change of them a new training. */
import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../../contracts/errors';
import type { Candidate } from '../../contracts/pipeline-file';

/** Files of the user's code: path in the job's `code/` folder → absolute path. */
export type CodeFiles = Readonly<Record<string, string>>;

/** Beyond this many files an `include` is a mistake (a data folder, a virtual environment). */
const MAX_FILES = 2000;

/**
 * Collects the trainer's file, what `include` names (folders whole, without `__pycache__`), and for a command every argument that is a
 * file beside the pipeline file. @throws TRAINER_BAD_INPUT for a missing file, PATH_OUTSIDE_ROOT for one outside `directory`.
 */
export async function collectUserCode(candidate: Candidate, directory: string): Promise<CodeFiles> {
  const { trainer } = candidate;
  if (typeof trainer === 'string') return {};
  const files: Record<string, string> = {};
  const required = 'python' in trainer ? [trainer.python.slice(0, trainer.python.lastIndexOf(':'))] : [];
  for (const name of [...required, ...trainer.include]) await addPath(files, directory, name, candidate.name);
  if ('command' in trainer) {
    for (const word of trainer.command)
      if (await isFileBelow(directory, word)) await addPath(files, directory, word, candidate.name);
  }
  return files;
}

/** SHA-256 over names and bytes, in the order of the names. */
export async function digestUserCode(files: CodeFiles): Promise<string | undefined> {
  const entries = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  if (entries.length === 0) return undefined;
  const hash = createHash('sha256');
  for (const [name, file] of entries) {
    const bytes = await readFile(file);
    hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  }
  return hash.digest('hex');
}

async function addPath(
  files: Record<string, string>,
  directory: string,
  name: string,
  candidate: string,
): Promise<void> {
  const absolute = await contained(directory, name, candidate);
  if ((await stat(absolute)).isDirectory()) {
    for (const entry of (await readdir(absolute)).sort()) {
      if (entry === '__pycache__' || entry.startsWith('.')) continue;
      await addPath(files, directory, path.join(name, entry), candidate);
    }
    return;
  }
  files[path.posix.normalize(name)] = absolute;
  if (Object.keys(files).length > MAX_FILES) {
    throw new MillraceError(
      'TRAINER_BAD_INPUT',
      `the code of candidate ${candidate} has more than ${MAX_FILES} files`,
      {
        where: path.join(directory, name),
        mend: 'name the folders that hold code in `include`, not the ones that hold data or environments',
      },
    );
  }
}

async function contained(directory: string, name: string, candidate: string): Promise<string> {
  const root = await realpath(directory);
  const absolute = await realpath(path.resolve(root, name)).catch(() => {
    throw new MillraceError('TRAINER_BAD_INPUT', `the code of candidate ${candidate} is not there: ${name}`, {
      where: path.join(directory, name),
      mend: 'paths in `trainer` are relative to the pipeline file',
    });
  });
  if (absolute === root || absolute.startsWith(root + path.sep)) return absolute;
  throw new MillraceError(
    'PATH_OUTSIDE_ROOT',
    `the code of candidate ${candidate} leads out of the folder of its pipeline file: ${name}`,
    {
      where: path.join(directory, name),
      mend: 'move the code beside or below the pipeline file',
    },
  );
}

async function isFileBelow(directory: string, word: string): Promise<boolean> {
  if (path.isAbsolute(word) || word.startsWith('-')) return false;
  const absolute = path.resolve(directory, word);
  if (!absolute.startsWith(path.resolve(directory) + path.sep)) return false;
  return stat(absolute).then(
    (entry) => entry.isFile(),
    () => false,
  );
}
