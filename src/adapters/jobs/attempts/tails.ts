/** The ends of files that grow while they are read. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { progressSchema, type Progress } from '../../../contracts/trainer';
import { hasCode } from '../../local-disk/durable-files';

const PROGRESS_TAIL_BYTES = 16 * 1024;
const LOG_TAIL_BYTES = 4 * 1024;
const LOG_TAIL_LINES = 30;

/** The last whole, valid line of `out/progress.jsonl`; what is half-written or junk is passed over. */
export async function lastProgress(directory: string): Promise<Progress | undefined> {
  const lines = (await tailOf(join(directory, 'out', 'progress.jsonl'), PROGRESS_TAIL_BYTES)).split('\n');
  for (const line of lines.reverse()) {
    const progress = parseProgress(line);
    if (progress !== undefined) return progress;
  }
  return undefined;
}

/** The last lines of a log: at most 30 lines and 4 KiB, since they travel in an error through Temporal's history. */
export async function logTail(path: string): Promise<string> {
  return (await tailOf(path, LOG_TAIL_BYTES)).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}

function parseProgress(line: string): Progress | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const { success, data } = progressSchema.safeParse(JSON.parse(line));
    return success ? data : undefined;
  } catch {
    return undefined;
  }
}

/** The last bytes of a file as text, from the start of a line where one begins in them; empty when there is no file. */
async function tailOf(path: string, bytes: number): Promise<string> {
  let handle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return '';
    throw error;
  }
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - bytes);
    const { buffer, bytesRead } = await handle.read(
      Buffer.alloc(Math.min(size, bytes)),
      0,
      Math.min(size, bytes),
      start,
    );
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    const firstBreak = text.indexOf('\n');
    return start > 0 && firstBreak >= 0 ? text.slice(firstBreak + 1) : text;
  } finally {
    await handle.close();
  }
}
