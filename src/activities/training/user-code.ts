/** The user's own code: which files go with a job, and the digest that makes a change of them a new training. */
import { createHash } from 'node:crypto';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../../contracts/errors';
import { splitFunction, type FeatureCode, type Trainer } from '../../contracts/pipeline-file';

/** Files of the user's code: path in the job's `code/` folder → absolute path. */
export type CodeFiles = Readonly<Record<string, string>>;

/** Beyond this many files an `include` is a mistake (a data folder, a virtual environment). */
const MAX_FILES = 2000;

/** What of the user's code a job needs. */
export interface UserCode {
  /** Names it in messages: `candidate ours`, `features.python`. */
  readonly of: string;
  /** Files and folders that must be there, relative to the pipeline file. */
  readonly paths: readonly string[];
  /** Words of a command, of which those that are files are taken. */
  readonly command: readonly string[];
}

/** The code of a candidate; none for a reference trainer. */
export function codeOfCandidate(name: string, trainer: Trainer): UserCode {
  const of = `candidate ${name}`;
  if (typeof trainer === 'string') return { of, paths: [], command: [] };
  return 'python' in trainer
    ? { of, paths: [splitFunction(trainer.python).file, ...trainer.include], command: [] }
    : { of, paths: trainer.include, command: trainer.command };
}

/** The code of the function that makes the table. */
export function codeOfFeatures({ function: name, include }: FeatureCode): UserCode {
  return { of: 'features.python', paths: [splitFunction(name).file, ...include], command: [] };
}

/**
 * Collects the files that are named (folders whole, without `__pycache__`), and of a command every argument that is a file beside the pipeline file.
 * @throws TRAINER_BAD_INPUT for a missing file, PATH_OUTSIDE_ROOT for one outside `directory`.
 */
export async function collectUserCode(code: UserCode, directory: string): Promise<CodeFiles> {
  const files: Record<string, string> = {};
  for (const name of code.paths) await addPath(files, directory, name, code.of);
  for (const word of code.command)
    if (await isFileBelow(directory, word)) await addPath(files, directory, word, code.of);
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
  of: string,
): Promise<void> {
  const absolute = await contained(directory, name, of);
  if ((await stat(absolute)).isDirectory()) {
    for (const entry of (await readdir(absolute)).sort()) {
      if (entry === '__pycache__' || entry.startsWith('.')) continue;
      await addPath(files, directory, path.join(name, entry), of);
    }
    return;
  }
  files[path.posix.normalize(name)] = absolute;
  if (Object.keys(files).length > MAX_FILES) {
    throw new MillraceError('TRAINER_BAD_INPUT', `the code of ${of} has more than ${MAX_FILES} files`, {
      where: path.join(directory, name),
      mend: 'name the folders that hold code in `include`, not the ones that hold data or environments',
    });
  }
}

async function contained(directory: string, name: string, of: string): Promise<string> {
  const root = await realpath(directory);
  const absolute = await realpath(path.resolve(root, name)).catch(() => {
    throw new MillraceError('TRAINER_BAD_INPUT', `the code of ${of} is not there: ${name}`, {
      where: path.join(directory, name),
      mend: 'paths of code are relative to the pipeline file',
    });
  });
  if (absolute === root || absolute.startsWith(root + path.sep)) return absolute;
  throw new MillraceError(
    'PATH_OUTSIDE_ROOT',
    `the code of ${of} leads out of the folder of its pipeline file: ${name}`,
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
