/** Who a process is, so that a recycled pid is never taken for it. Reads `/proc`: Linux only, like all that Millrace runs locally. */
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';

/** What names a process for good: a pid alone is handed out again, with boot and start time it is not. */
export const processIdentitySchema = z.object({
  host: z.string(),
  /** `/proc/sys/kernel/random/boot_id`: another value means that the host has restarted since. */
  bootId: z.string(),
  /** The pid namespace in which `pid` means something, e.g. `pid:[4026531836]`. */
  pidNamespace: z.string(),
  pid: z.number().int().positive(),
  /** Clock ticks between boot and the start of the process: field 22 of `/proc/PID/stat`. */
  startTicks: z.number().int().nonnegative(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** This process. */
export function currentProcess(): ProcessIdentity {
  const stat = parseStat(readFileSync('/proc/self/stat', 'utf8'));
  return { ...currentSystem(), pid: process.pid, startTicks: stat.startTicks };
}

/** The part of an identity that all processes beside this one share. */
export function currentSystem(): Pick<ProcessIdentity, 'host' | 'bootId' | 'pidNamespace'> {
  return {
    host: hostname(),
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
    pidNamespace: readlinkSync('/proc/self/ns/pid'),
  };
}

/** Whether that very process runs on this host now. A zombie does not; nor does anything that cannot be seen from this pid namespace. */
export async function isAlive(identity: ProcessIdentity): Promise<boolean> {
  const system = currentSystem();
  if (identity.bootId !== system.bootId || identity.pidNamespace !== system.pidNamespace) return false;
  const stat = await readStat(identity.pid);
  return stat?.startTicks === identity.startTicks && stat.state !== 'Z' && stat.state !== 'X';
}

/** State and start of the process that has `pid` now, or undefined. */
export async function readStat(pid: number): Promise<{ state: string; startTicks: number } | undefined> {
  try {
    return parseStat(await readFile(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The name in parentheses may hold blanks and parentheses itself: fields count from the last one. */
function parseStat(text: string): { state: string; startTicks: number } {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0] ?? '?', startTicks: Number(fields[19]) };
}
