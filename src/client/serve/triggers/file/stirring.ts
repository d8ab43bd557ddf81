/** Ends a pause early when something stirs in a folder. Only a hint: shares and deep patterns may stir unseen, so a look comes at its interval anyway. */
import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Follows the folder, or the nearest one above it that exists, without those below. */
export class Stirring {
  private watcher: FSWatcher | undefined;
  /** Path and inode: a folder that was made anew is another. */
  private watched: string | undefined;
  private stirred = false;
  private wake: () => void = () => undefined;

  constructor(private readonly folder: string) {}

  /** From now on what stirs counts for the next pause. */
  async attend(): Promise<void> {
    this.stirred = false;
    // Once more after each change: what was made before the watch began would stir unseen.
    for (;;) {
      const { path, identity } = await nearestFolder(this.folder);
      if (identity === this.watched) return;
      this.close();
      this.watched = identity;
      try {
        this.watcher = watch(path, { persistent: false }, () => this.stir());
        this.watcher.on('error', () => this.close());
      } catch {
        // The system has no watch left, or knows none for this disk: the interval does.
      }
    }
  }

  /** Pauses until something has stirred, but so long at least and at most; or until the signal. */
  async pause(atLeastMs: number, atMostMs: number, signal: AbortSignal): Promise<void> {
    await this.wait(Math.min(atLeastMs, atMostMs), signal, () => false);
    await this.wait(atMostMs - atLeastMs, signal, () => this.stirred);
  }

  close(): void {
    this.watcher?.close();
    this.watcher = undefined;
    this.watched = undefined;
  }

  private stir(): void {
    this.stirred = true;
    this.wake();
  }

  private wait(milliseconds: number, signal: AbortSignal, isOver: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        this.wake = () => undefined;
        resolve();
      };
      const timer = setTimeout(end, Math.max(0, milliseconds));
      signal.addEventListener('abort', end);
      this.wake = () => {
        if (isOver()) end();
      };
      if (signal.aborted || isOver()) end();
    });
  }
}

async function nearestFolder(path: string): Promise<{ path: string; identity: string }> {
  const found = await stat(path).catch(() => undefined);
  const above = dirname(path);
  return found?.isDirectory() === true || above === path
    ? { path, identity: `${path} ${found?.dev}:${found?.ino}` }
    : nearestFolder(above);
}
