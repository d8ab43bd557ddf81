/**
 * Which leases of pools jobs run under, so that a launch whose lease has ended starts nothing, however late it comes.
 *
 *     leases/HASH/FENCE.held      a job was asked for under this fence: its name is in it
 *     leases/HASH/FENCE.ended     the pool has taken the lease back: nothing may start under this fence, or a lower one
 *     jobs/NAME/leases/HASH-FENCE the same from the job's side: one file a fence, so that a late launch overwrites nothing
 *
 * HASH stands for pool, run and what of it. A launch writes `held`, claims its attempt, and then looks for `ended`; the end writes `ended`, and then looks
 * for attempts. So whichever comes first, one of them sees the other.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MillraceError } from '../../../contracts/errors';
import type { JobLease } from '../../../contracts/steps';
import { createFileOnce, listIfPresent } from '../../local-disk/durable-files';
import type { JobsLayout } from './layout';

const heldSchema = z.object({ jobName: z.string() });
const coverSchema = z.object({ workflowId: z.string() });

/** The leases of the jobs below one root. */
export class LeaseRegister {
  constructor(private readonly layout: JobsLayout) {}

  /** Takes down that a job is asked for under a lease. @throws LEASE_LOST when the lease has ended, or a later one of the same key was seen. */
  async hold(lease: JobLease, jobName: string): Promise<void> {
    const folder = this.folder(lease);
    await mkdir(folder, { recursive: true });
    await createFileOnce(join(folder, `${lease.fence}.held`), JSON.stringify({ jobName }));
    const covers = this.covers(jobName);
    await mkdir(covers, { recursive: true });
    const cover = { workflowId: lease.workflowId };
    await createFileOnce(join(covers, `${hashOf(lease)}-${lease.fence}`), JSON.stringify(cover));
    await this.assertStands(lease);
  }

  /**
   * Other jobs that were asked for under this lease before it was taken over: the run came back (`retry`, reset) and wants another one, because its file
   * has been edited in the meantime.
   */
  async supersededBy(lease: JobLease, jobName: string): Promise<readonly string[]> {
    const ended = (await this.seen(hashOf(lease))).flatMap((one) => (one.ended ? [one.fence] : []));
    // What ran under a lease that was taken back is over, or somebody else's by now.
    const first = Math.max(-1, ...ended);
    const names = await this.jobsUnder(lease, (fence) => fence > first && fence < lease.fence);
    return names.filter((name) => name !== jobName);
  }

  /** @throws LEASE_LOST, see {@link hold}. Final for the launch: its run asks the pool for another lease. */
  async assertStands(lease: JobLease): Promise<void> {
    const seen = await this.seen(hashOf(lease));
    if (!seen.some(({ fence, ended }) => fence > lease.fence || (ended && fence === lease.fence))) return;
    throw new MillraceError(
      'LEASE_LOST',
      `The lease of ${lease.workflowId} (${lease.what}) in the pool ${lease.pool} has ended: nothing starts under it any more.`,
      { where: `pool/${lease.pool}`, mend: 'the run asks the pool for another one', retryable: false },
    );
  }

  /** From now on nothing starts under this lease. Returns the jobs that were asked for under it, but for those that a later lease of the same key has taken over. */
  async end(lease: JobLease): Promise<readonly string[]> {
    const folder = this.folder(lease);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${lease.fence}.ended`), '', { flush: true });
    const later = await this.jobsUnder(lease, (fence) => fence > lease.fence);
    const names = await this.jobsUnder(lease, (fence) => fence <= lease.fence);
    return names.filter((name) => !later.includes(name));
  }

  /** Runs whose leases, this one apart, a job was asked for under, and that have not been taken back. */
  async othersOf(jobName: string, lease: JobLease): Promise<string[]> {
    const own = hashOf(lease);
    const folder = this.covers(jobName);
    const runs = await Promise.all(
      (await listIfPresent(folder)).map(async (file) => {
        const [, hash = own, covered] = /^([0-9a-f]{32})-(\d+)$/.exec(file) ?? [];
        if (hash === own) return [];
        if ((await this.seen(hash)).some(({ fence, ended }) => ended && fence >= Number(covered))) return [];
        return [coverSchema.parse(JSON.parse(await readFile(join(folder, file), 'utf8'))).workflowId];
      }),
    );
    return [...new Set(runs.flat())];
  }

  private async jobsUnder(lease: JobLease, isMeant: (fence: number) => boolean): Promise<string[]> {
    const held = (await this.seen(hashOf(lease))).filter(({ fence, ended }) => !ended && isMeant(fence));
    const names = await Promise.all(
      held.map(async ({ file }) => {
        const text = await readFile(join(this.folder(lease), file), 'utf8');
        return heldSchema.parse(JSON.parse(text)).jobName;
      }),
    );
    return [...new Set(names)];
  }

  private async seen(hash: string): Promise<{ file: string; fence: number; ended: boolean }[]> {
    return (await listIfPresent(join(this.layout.root, 'leases', hash))).flatMap((file) => {
      const found = /^(\d+)\.(held|ended)$/.exec(file);
      return found ? [{ file, fence: Number(found[1]), ended: found[2] === 'ended' }] : [];
    });
  }

  private folder(lease: JobLease): string {
    return join(this.layout.root, 'leases', hashOf(lease));
  }

  private covers(jobName: string): string {
    return join(this.layout.job(jobName), 'leases');
  }
}

function hashOf({ pool, workflowId, what }: JobLease): string {
  return createHash('sha256')
    .update(JSON.stringify([pool, workflowId, what]))
    .digest('hex')
    .slice(0, 32);
}
