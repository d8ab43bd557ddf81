/** Reading a file that a person wrote. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { MillraceError, type ErrorCode } from '../../contracts/errors';
import { hasCode } from '../local-disk/durable-files';

/** Largest file that is read, in bytes. */
const LARGEST_FILE = 1024 * 1024;

/**
 * The text of a UTF-8 file of at most {@link LARGEST_FILE} bytes; undefined when there is none.
 * @throws `code` when it is no regular file, too large, unreadable or not UTF-8.
 */
export async function readText(file: string, code: ErrorCode, shown: string): Promise<string | undefined> {
  const refuse = (message: string, mend: string, cause?: unknown): MillraceError =>
    new MillraceError(code, `${shown} ${message}.`, { where: shown, mend, cause });
  let handle;
  try {
    // Not blocking: a named pipe would wait for a writer for ever.
    handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return undefined;
    throw refuse('cannot be opened', 'Check the permissions of the file.', error);
  }
  try {
    const status = await handle.stat();
    if (!status.isFile()) throw refuse('is not a file', 'Name a YAML file.');
    if (status.size > LARGEST_FILE)
      throw refuse(
        `has ${status.size} bytes, more than the ${LARGEST_FILE} that are read`,
        'A pipeline file describes data; keep the data itself in its own files.',
      );
    const bytes = await handle.readFile();
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch (error) {
      throw refuse('is not UTF-8', 'Save it as UTF-8.', error);
    }
  } finally {
    await handle.close();
  }
}
