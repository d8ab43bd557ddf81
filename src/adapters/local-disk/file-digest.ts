/** SHA-256 of files in bulk. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

/** Large enough that the cost of a read call vanishes, small enough for hundreds at once. */
const CHUNK_BYTES = 1 << 20;

/** Lower-case hexadecimal SHA-256 and size of a file. */
export async function digestFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const handle = await open(path, 'r');
  try {
    return await digestHandle(handle);
  } finally {
    await handle.close();
  }
}

/** Reads an open file to its end, gives each chunk to `onChunk`, and returns SHA-256 and size of what was read. */
export async function digestHandle(
  handle: FileHandle,
  onChunk?: (chunk: Buffer) => Promise<void>,
): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  let bytes = 0;
  for (;;) {
    const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, bytes);
    if (bytesRead === 0) return { sha256: hash.digest('hex'), bytes };
    const chunk = buffer.subarray(0, bytesRead);
    hash.update(chunk);
    if (onChunk) await onChunk(chunk);
    bytes += bytesRead;
  }
}
