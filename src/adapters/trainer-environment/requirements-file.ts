/** A user's requirements file: read whole with what it includes, and refused where its words would not say what is installed. */
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { MillraceError } from '../../contracts/errors';
import { isInside } from '../project/paths';

/** A requirements file and everything it includes: path relative to its folder → text. */
export type Requirements = Readonly<Record<string, string>>;

const INCLUDE = /^(?:-r|-c|--requirements?|--constraints?)(?:\s+|=)(\S+)/;
const LOCAL_CODE = /^(?:-e|--editable)\b|^\.{0,2}\/|@\s*file:|^file:/;
const CREDENTIALS = /:\/\/[^/\s]*@/;

/**
 * Reads a requirements file with its includes.
 * @throws TRAINER_ENVIRONMENT_FAILED with file and line, for a file that is missing, an include that leaves the folder, code on the local disk (its content is
 * not part of any key, so a change of it would go unseen), or a password in an address (it would be written to the lock).
 */
export async function readRequirements(file: string): Promise<Requirements> {
  const root = dirname(resolve(file));
  const texts: Record<string, string> = {};
  const queue = [{ path: resolve(file), from: file }];
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const name = relative(root, next.path);
    if (Object.hasOwn(texts, name)) continue;
    if (!isInside(next.path, root))
      throw refused(
        next.from,
        'It includes a file outside its folder.',
        'Move the included file into the folder.',
      );
    const text = await readText(next.path, next.from);
    texts[name] = text;
    for (const include of includesOf(text, next.path))
      queue.push({ path: resolve(dirname(next.path), include.name), from: include.where });
  }
  return texts;
}

function includesOf(text: string, path: string): { name: string; where: string }[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    const where = `${path}:${index + 1}`;
    if (line.startsWith('#')) return [];
    if (LOCAL_CODE.test(line))
      throw refused(
        where,
        'It names code on the local disk, whose changes would go unseen.',
        "Put the code beside the trainer's own file instead.",
      );
    if (CREDENTIALS.test(line))
      throw refused(
        where,
        'It holds a user name or password in an address.',
        'Configure the index with its credentials on the worker (uv.toml, UV_INDEX_URL, netrc).',
      );
    const name = INCLUDE.exec(line)?.[1];
    return name === undefined ? [] : [{ name, where }];
  });
}

async function readText(path: string, from: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw refused(
      from,
      `The file ${path} cannot be read.`,
      'Check its name; it is taken relative to the pipeline file.',
      error,
    );
  }
}

function refused(where: string, message: string, mend: string, cause?: unknown): MillraceError {
  return new MillraceError('TRAINER_ENVIRONMENT_FAILED', `The requirements file cannot be used. ${message}`, {
    where,
    mend,
    cause,
  });
}
