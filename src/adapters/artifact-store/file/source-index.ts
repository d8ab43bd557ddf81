/**
 * Remembers which bytes a source file had, so that a run whose steps are all cached does not read gigabytes to learn that nothing changed.
 * Like Git's index it trusts the file's identity, size, time of modification and time of change of the inode; the last cannot be set by a program.
 */
import type { BigIntStats } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { digestSchema } from '../../../contracts/artifacts';
import { readIfPresent, replaceFile } from '../../local-disk/durable-files';

const entrySchema = z.object({ fingerprint: z.string(), sha256: digestSchema, bytes: z.number().int() });

/** A file that changed so shortly before it was read could change again within the same tick of its clock: it is not remembered. */
const SETTLED_MS = 2_000;

/** What tells one state of a file from any other, or undefined for a file that is not there. */
export function fingerprintOf(found: BigIntStats | undefined): string | undefined {
  return found === undefined
    ? undefined
    : [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ');
}

/** Digest and size of the file in just this state, if it was read before. */
export async function recall(
  path: string,
  fingerprint: string,
): Promise<{ sha256: string; bytes: number } | undefined> {
  try {
    const entry = entrySchema.parse(JSON.parse((await readIfPresent(path)) ?? ''));
    return entry.fingerprint === fingerprint ? { sha256: entry.sha256, bytes: entry.bytes } : undefined;
  } catch {
    return undefined;
  }
}

/** Remembers what a file held that was in state `found` when the reading began at `readAtMs`, unless it was written to just before. */
export async function remember(
  path: string,
  found: BigIntStats,
  readAtMs: number,
  digest: { sha256: string; bytes: number },
): Promise<void> {
  const changedAtMs = Number((found.ctimeNs > found.mtimeNs ? found.ctimeNs : found.mtimeNs) / 1_000_000n);
  if (readAtMs - changedAtMs < SETTLED_MS) return;
  await mkdir(dirname(path), { recursive: true });
  await replaceFile(path, JSON.stringify({ fingerprint: fingerprintOf(found), ...digest }));
}
