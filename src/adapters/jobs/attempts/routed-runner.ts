/** Attempts on a cluster and on this host, side by side: what is asked for in a pod goes to the cluster. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobRequest, JobStatus } from '../../../ports/job-backend';
import type { AttemptPlace, AttemptRunner } from './runner';

/** Written down before the cluster is told of an attempt: whoever finds it knows where the attempt runs. */
export const MANIFEST_FILE = 'manifest.json';

/** See the file's head. */
export class RoutedRunner implements AttemptRunner {
  constructor(
    private readonly local: AttemptRunner,
    private readonly cluster: AttemptRunner,
  ) {}

  async read(place: AttemptPlace): Promise<JobStatus> {
    return (await this.runnerOf(place)).read(place);
  }

  start(request: JobRequest, place: AttemptPlace): Promise<void> {
    return (request.pod === undefined ? this.local : this.cluster).start(request, place);
  }

  async end(place: AttemptPlace, over: boolean): Promise<void> {
    await (await this.runnerOf(place)).end(place, over);
  }

  async pause(place: AttemptPlace, waitMs: number, signal: AbortSignal): Promise<void> {
    await (await this.runnerOf(place)).pause(place, waitMs, signal);
  }

  /** An attempt that was only claimed is the same to both. */
  private async runnerOf({ directory }: AttemptPlace): Promise<AttemptRunner> {
    return access(join(directory, MANIFEST_FILE)).then(
      () => this.cluster,
      () => this.local,
    );
  }
}
