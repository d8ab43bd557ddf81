/** One file trigger at work: looks at its folder, waits for files to be complete, takes each once. */
import { mapConcurrently } from '../../../../contracts/concurrency';
import { isMillraceError, MillraceError } from '../../../../contracts/errors';
import { createOutage } from '../../outage';
import type { ServiceDependencies } from '../../part';
import { finishFile, putBackLeftovers } from './afterwards';
import { completenessOf } from './completeness';
import { createFileLetters } from './letters';
import { hasMarker, sightsOf, type Lookout, type Sight } from './sights';
import { takeFile, type FileWatchSettings } from './take';

/** A thousand files that come at once are copied and started side by side. */
const AT_A_TIME = 8;
/** A file that completes soon is not left until the next full interval. */
const SOONEST_LOOK_MS = 20;

/** A file that has not been dealt with in its present form. */
interface Pending {
  sight: Sight;
  unchangedSince: number;
  readonly firstSeen: number;
  /** Its time is over, and a letter says so. */
  late: boolean;
}

/** The state of one trigger, from look to look. What must survive the process stands in the ledger: this is found out anew. */
export class FileWatch {
  /** Runs that it has started or found. */
  taken = 0;
  private readonly pending = new Map<string, Pending>();
  /** Name → fingerprint under which it was dealt with: a file that nobody touches is not read again. */
  private readonly settled = new Map<string, string>();
  private readonly letters;
  private readonly outage;
  private stopping = false;
  private begun = false;

  constructor(
    private readonly dependencies: Pick<
      ServiceDependencies,
      'store' | 'ledger' | 'start' | 'logger' | 'dataRoot'
    >,
    private readonly settings: FileWatchSettings,
    private readonly lookout: Lookout,
    private readonly now: () => number = () => performance.now(),
  ) {
    const { pipeline, trigger } = settings;
    this.letters = createFileLetters(dependencies.ledger, pipeline);
    this.outage = createOutage(
      `what the file trigger ${trigger.path} of ${pipeline} needs`,
      dependencies.logger,
    );
  }

  /** Files that wait to be complete or to be taken. */
  get waiting(): number {
    return this.pending.size;
  }

  /** Why it cannot go on at the moment. */
  get away(): string | undefined {
    return this.outage.reason;
  }

  /** No file is begun any more. */
  stop(): void {
    this.stopping = true;
  }

  /** One look. It never throws. @returns milliseconds until the next one is due. */
  async look(): Promise<number> {
    const everyMs = this.settings.trigger.every * 1000;
    try {
      if (!this.begun)
        await putBackLeftovers(this.lookout, (aside, error) =>
          this.tellStuck(
            aside,
            error,
            'a file that was set aside when its run had started cannot be put back',
          ),
        );
      this.begun = true;
      const { files, strays } = await sightsOf(this.lookout);
      for (const { name, real } of strays) await this.refuse(name, real);
      this.note(files);
      await this.missVanished(files);
      await this.takeComplete();
      this.outage.ended();
    } catch (error) {
      this.outage.failed(error);
      return everyMs;
    }
    return Math.min(everyMs, this.soonestMs());
  }

  /** Takes down how the files stand now. */
  private note(files: readonly Sight[]): void {
    const now = this.now();
    const known = new Set(files.map(({ name }) => name));
    for (const name of this.settled.keys())
      if (!known.has(name) && !this.isStray(name)) this.settled.delete(name);
    for (const sight of files) {
      if (this.settled.get(sight.name) === sight.fingerprint) continue;
      const before = this.pending.get(sight.name) ?? this.renamed(sight, known);
      if (before?.sight.identity !== sight.identity) {
        this.pending.set(sight.name, { sight, unchangedSince: now, firstSeen: now, late: false });
        continue;
      }
      const isUnchanged = before.sight.size === sight.size && before.sight.mtimeNs === sight.mtimeNs;
      this.pending.set(sight.name, {
        ...before,
        sight,
        unchangedSince: isUnchanged ? before.unchangedSince : now,
      });
    }
  }

  /** A file that got another name while it waited has not vanished. */
  private renamed(sight: Sight, known: ReadonlySet<string>): Pending | undefined {
    for (const [name, pending] of this.pending) {
      if (known.has(name) || pending.sight.identity !== sight.identity) continue;
      this.pending.delete(name);
      return pending;
    }
    return undefined;
  }

  private async missVanished(files: readonly Sight[]): Promise<void> {
    const known = new Set(files.map(({ name }) => name));
    for (const [name, { sight }] of [...this.pending]) {
      if (known.has(name)) continue;
      await this.letters.write(
        sight,
        new MillraceError('FILE_INCOMPLETE', 'A file that a trigger saw vanished before it was read.', {
          mend: 'Send it again: write it under another name and rename it when it is complete.',
        }),
      );
      this.pending.delete(name);
    }
  }

  private async takeComplete(): Promise<void> {
    const complete: Pending[] = [];
    for (const pending of this.pending.values()) {
      const state = await this.stateOf(pending);
      if (state === 'complete') complete.push(pending);
      else if (state === 'late' && !pending.late) await this.tellLate(pending);
    }
    // What stands in one file's way for a while stands in every other's: after a failure none is begun.
    await mapConcurrently(complete, AT_A_TIME, async ({ sight }) => {
      if (!this.stopping) await this.take(sight);
    });
  }

  private async stateOf({
    sight,
    unchangedSince,
    firstSeen,
  }: Pending): Promise<ReturnType<typeof completenessOf>> {
    const { trigger } = this.settings;
    const now = this.now();
    const marked = trigger.marker === undefined ? undefined : await hasMarker(sight, trigger.marker);
    return completenessOf(
      { unchangedFor: (now - unchangedSince) / 1000, seenFor: (now - firstSeen) / 1000, marked },
      trigger,
    );
  }

  private async take(sight: Sight): Promise<void> {
    const taken = await takeFile(this.dependencies, this.settings, this.letters, sight);
    if (taken.state === 'changed') {
      const pending = this.pending.get(sight.name);
      if (pending) pending.unchangedSince = this.now();
      return;
    }
    if (taken.state === 'started') {
      this.taken += 1;
      await this.letters.settle(sight, taken.workflowId);
      await this.finish(sight);
    }
    this.pending.delete(sight.name);
    this.settled.set(sight.name, sight.fingerprint);
  }

  /** The run has started, whatever becomes of the file: one that cannot be moved holds nobody up. */
  private async finish(sight: Sight): Promise<void> {
    try {
      await finishFile(this.settings.trigger.after, this.lookout, sight);
    } catch (error) {
      this.tellStuck(
        sight.name,
        error,
        'a file whose run has started could not be moved or deleted; it stays',
      );
    }
  }

  private tellStuck(file: string, error: unknown, what: string): void {
    const { code, message, mend } = isMillraceError(error)
      ? error
      : new MillraceError('SETUP_FAILED', String(error), {
          mend: 'Give the user of the service the right to write in the folders of the file trigger.',
        });
    this.dependencies.logger.error({ file, code, reason: message, mend }, what);
  }

  private async tellLate(pending: Pending): Promise<void> {
    const { marker, timeout } = this.settings.trigger;
    await this.letters.write(
      pending.sight,
      new MillraceError(
        'FILE_INCOMPLETE',
        `A file was not complete ${timeout} s after it was first seen: ${marker === undefined ? 'it is still being written' : `${pending.sight.name}${marker} is not there, or older than the file`}.`,
        { mend: 'Complete it: it is still taken then; or take it away.' },
      ),
    );
    pending.late = true;
  }

  private async refuse(name: string, real: string): Promise<void> {
    const fingerprint = `outside ${real}`;
    if (this.settled.get(name) === fingerprint) return;
    await this.letters.write(
      { name, identity: real },
      new MillraceError('PATH_OUTSIDE_ROOT', 'A file that a trigger saw lies outside the data root.', {
        mend: 'Put the file itself there instead of a link, or widen dataRoot in millrace.yaml.',
      }),
    );
    this.settled.set(name, fingerprint);
  }

  private isStray(name: string): boolean {
    return this.settled.get(name)?.startsWith('outside ') === true;
  }

  private soonestMs(): number {
    const { stable, marker } = this.settings.trigger;
    if (marker !== undefined) return Infinity;
    const now = this.now();
    const left = [...this.pending.values()]
      .filter(({ late }) => !late)
      .map(({ unchangedSince }) => unchangedSince + stable * 1000 - now);
    return Math.max(SOONEST_LOOK_MS, Math.min(...left));
  }
}
