/** Digest of the reference trainers' own code. */
import { execFile } from 'node:child_process';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { digestOf } from '../../contracts/digest';
import { MillraceError } from '../../contracts/errors';
import { digestFile } from '../local-disk/file-digest';

const run = promisify(execFile);
const answerSchema = z.object({ files: z.array(z.string()).min(1), trainers: z.array(z.string()) });

/**
 * Digests of the code that decides what a trainer leaves. Which files those are, the package says itself (`code_files.py`); asked again only when
 * one of its files has another size or time, since a fully cached run asks for every candidate.
 */
export class TrainerCode {
  private readonly known = new Map<string, string>();

  constructor(
    private readonly python: string,
    private readonly trainersPath: string,
  ) {}

  /** @throws TRAINER_UNKNOWN with the known names. */
  async digest(trainer: string | undefined): Promise<string> {
    const folder = join(this.trainersPath, 'millrace_trainer');
    const key = JSON.stringify([trainer, await fingerprint(folder)]);
    const digest = this.known.get(key) ?? (await this.compute(folder, trainer));
    this.known.set(key, digest);
    return digest;
  }

  private async compute(folder: string, trainer: string | undefined): Promise<string> {
    const args = trainer === undefined ? [] : [trainer];
    const { stdout } = await run(this.python, ['-I', '-S', join(folder, 'code_files.py'), ...args]);
    const { files, trainers } = answerSchema.parse(JSON.parse(stdout));
    if (trainer !== undefined && !trainers.includes(trainer)) {
      throw new MillraceError('TRAINER_UNKNOWN', `There is no trainer named ${JSON.stringify(trainer)}.`, {
        mend: `Use one of ${trainers.join(', ')}, or your own: { python: train.py:fit }.`,
      });
    }
    return digestOf(
      await Promise.all(files.map(async (file) => [file, (await digestFile(join(folder, file))).sha256])),
    );
  }
}

async function fingerprint(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true });
  const sources = entries.filter((entry) => entry.endsWith('.py')).sort();
  return Promise.all(
    sources.map(async (source) => {
      const { size, mtimeNs, ctimeNs } = await stat(join(folder, source), { bigint: true });
      return [source, size, mtimeNs, ctimeNs].join(' ');
    }),
  );
}
