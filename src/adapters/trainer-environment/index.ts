/** Python environments for trainers: the project's own, and layers of a user's packages upon it, cached by the hash of their lock. */
import { execFile } from 'node:child_process';
import { access, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { digestOf, sha256 } from '../../contracts/digest';
import type { TrainerEnvironment, TrainerEnvironments } from '../../ports/trainer-environment';
import { withAdvisoryLock } from '../local-disk/advisory-lock';
import { createFileOnce, hasCode, readIfPresent } from '../local-disk/durable-files';
import { Staging } from '../local-disk/staging';
import { askPython, installedIn, type BasePython } from './base-python';
import { missingFrom } from './lock-file';
import { readRequirements } from './requirements-file';
import { TrainerCode } from './trainer-code';
import { runUv } from './uv';

const run = promisify(execFile);

/** What the environments are made from. */
export interface TrainerEnvironmentOptions {
  /** Interpreter of the project's environment, in which `baseLock` is installed. */
  readonly basePython: string;
  /** Lock file of the project's environment. */
  readonly baseLock: string;
  /** Folder that holds the Python package `millrace_trainer`. */
  readonly trainersPath: string;
  /** Where locks and environments are kept. */
  readonly cacheRoot: string;
  /** The uv program; the one beside `basePython` unless given. */
  readonly uv?: string;
}

/**
 * Environments under `cacheRoot`: `locks/REQUEST.txt` is what a requirements file was resolved to, `environments/DIGEST/` the environment of a lock.
 *
 * A user's requirements are resolved under the base lock as constraints, so every package that both need has the base's version; what the base lacks
 * is installed into a virtual environment of its own, and the base's packages are added to its path. This is right by construction, adds only the bytes that are
 * new, and takes well under a second, where a full copy of the base would take 1 GB and a download of what uv has not cached.
 * A resolution is kept: an unpinned requirement means the same version until the file, the base or the cache changes.
 */
export function createTrainerEnvironments(options: TrainerEnvironmentOptions): TrainerEnvironments {
  return new LayeredEnvironments({
    ...options,
    cacheRoot: resolve(options.cacheRoot),
    uv: options.uv ?? join(dirname(options.basePython), 'uv'),
  });
}

class LayeredEnvironments implements TrainerEnvironments {
  private readonly code: TrainerCode;
  private readonly builds = new Map<string, Promise<TrainerEnvironment>>();
  private python: Promise<BasePython> | undefined;

  constructor(private readonly options: Required<TrainerEnvironmentOptions>) {
    this.code = new TrainerCode(options.basePython, options.trainersPath);
  }

  async base(): Promise<TrainerEnvironment> {
    return { python: this.options.basePython, digest: digestOf(await this.baseIdentity()) };
  }

  async withRequirements(requirementsFile: string): Promise<TrainerEnvironment> {
    const requirements = await readRequirements(requirementsFile);
    const request = digestOf({ requirements, base: await this.baseIdentity() });
    const build = this.builds.get(request) ?? this.resolveAndBuild(request, requirementsFile);
    this.builds.set(request, build);
    try {
      return await build;
    } finally {
      this.builds.delete(request);
    }
  }

  trainerCodeDigest(trainer?: string): Promise<string> {
    return this.code.digest(trainer);
  }

  private async baseIdentity(): Promise<unknown> {
    this.python ??= askPython(this.options.basePython);
    this.python.catch(() => (this.python = undefined));
    return {
      lock: sha256(await readFile(this.options.baseLock, 'utf8')),
      python: (await this.python).identity,
    };
  }

  private async resolveAndBuild(request: string, requirementsFile: string): Promise<TrainerEnvironment> {
    const lockFile = join(this.options.cacheRoot, 'locks', `${request}.txt`);
    const lock = (await readIfPresent(lockFile)) ?? (await this.resolve(lockFile, requirementsFile));
    const digest = digestOf({ base: await this.baseIdentity(), lock: sha256(lock) });
    const folder = join(this.options.cacheRoot, 'environments', digest);
    const environment = { python: join(folder, 'bin', 'python'), digest };
    if (await exists(environment.python)) return environment;
    await withAdvisoryLock(`${folder}.lock`, async () => {
      if (!(await exists(environment.python))) await this.build(folder, lock, requirementsFile);
    });
    return environment;
  }

  private async resolve(lockFile: string, requirementsFile: string): Promise<string> {
    const { basePython, baseLock, uv } = this.options;
    await mkdir(dirname(lockFile), { recursive: true });
    return this.staged(async (staged) => {
      const output = [
        '--output-file',
        staged,
        '--generate-hashes',
        '--no-header',
        '--no-annotate',
        '--quiet',
      ];
      await runUv(
        uv,
        ['pip', 'compile', '--python', basePython, '--constraints', baseLock, ...output, requirementsFile],
        requirementsFile,
      );
      await createFileOnce(lockFile, await readFile(staged, 'utf8'));
      return readFile(lockFile, 'utf8');
    });
  }

  /** The environment appears whole, by a rename; a relocatable one works at both places. */
  private async build(folder: string, lock: string, requirementsFile: string): Promise<void> {
    const { basePython, uv } = this.options;
    const { sitePackages } = await (this.python ??= askPython(basePython));
    await mkdir(dirname(folder), { recursive: true });
    await this.staged(async (staged) => {
      await runUv(
        uv,
        ['venv', '--quiet', '--no-project', '--relocatable', '--python', basePython, staged],
        requirementsFile,
      );
      const missing = missingFrom(lock, await installedIn(sitePackages));
      if (missing !== '') {
        await writeFile(join(staged, 'layer.txt'), `${missing}\n`);
        const install = ['pip', 'install', '--quiet', '--no-deps', '--require-hashes', '--compile-bytecode'];
        await runUv(
          uv,
          [...install, '--python', join(staged, 'bin', 'python'), '-r', join(staged, 'layer.txt')],
          requirementsFile,
        );
      }
      // Behind the layer's own packages, and with the base's own .pth files heeded.
      const [version] = await readdir(join(staged, 'lib'));
      const path = join(staged, 'lib', version ?? '', 'site-packages', 'millrace_base.pth');
      await writeFile(path, `import site; site.addsitedir(${JSON.stringify(sitePackages)})\n`);
      // A power cut must not leave an environment that is there by name but has empty files.
      await run('sync', ['-f', staged]).catch(() => undefined);
      await rename(staged, folder).catch((error: unknown) => {
        if (!hasCode(error, 'ENOTEMPTY') && !hasCode(error, 'EEXIST')) throw error;
      });
    });
  }

  private async staged<T>(work: (path: string) => Promise<T>): Promise<T> {
    const staging = new Staging(join(this.options.cacheRoot, 'staging'));
    await staging.sweep();
    return staging.use(work);
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
