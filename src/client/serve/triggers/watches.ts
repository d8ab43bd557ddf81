/** The watches of one kind of trigger: one for each trigger in force, begun and ended as registrations come and go. */
import { canonicalJson } from '../../../contracts/digest';
import type { Trigger } from '../../../contracts/pipeline-file';
import type { Registration } from '../../../ports/registration-ledger';

/** One trigger of one pipeline. */
export interface WatchSettings<Definition> {
  readonly pipeline: string;
  /** Source that gets the bytes; empty where it is not clear which. */
  readonly source: string;
  readonly trigger: Definition;
}

/** The triggers of a registration that `pick` takes. */
export function settingsOf<Definition extends { readonly source?: string | undefined }>(
  { pipeline, sources, triggers }: Registration,
  pick: (trigger: Trigger) => Definition | undefined,
): WatchSettings<Definition>[] {
  return triggers.flatMap((one) => {
    const trigger = pick(one);
    const source = trigger?.source ?? (sources.length === 1 ? sources[0] : undefined) ?? '';
    return trigger ? [{ pipeline, trigger, source }] : [];
  });
}

/** What a watch tells of itself. */
export interface Watch {
  /** Runs that it has started or found. */
  readonly taken: number;
  /** Why it cannot go on at the moment. */
  readonly away: string | undefined;
}

/** A watch at work. */
export interface Running<W extends Watch> {
  readonly watch: W;
  stop(): Promise<void>;
}

/** All watches of a kind. */
export class Watches<Settings, W extends Watch> {
  private readonly running = new Map<string, Running<W>>();

  /** `start` gives nothing for a trigger that can never work; it is asked again at the next update. */
  constructor(
    private readonly wanted: (registration: Registration) => readonly Settings[],
    private readonly start: (settings: Settings) => Promise<Running<W> | undefined>,
  ) {}

  /** The watches that go on. */
  get all(): W[] {
    return [...this.running.values()].map(({ watch }) => watch);
  }

  /** Ends what is not wanted any more, and begins what is new; the others go on. */
  async update(registrations: readonly Registration[]): Promise<void> {
    const wanted = new Map(registrations.flatMap(this.wanted).map((one) => [canonicalJson(one), one]));
    for (const [key, one] of this.running) {
      if (wanted.has(key)) continue;
      this.running.delete(key);
      await one.stop();
    }
    for (const [key, settings] of wanted) {
      const started = this.running.has(key) ? undefined : await this.start(settings);
      if (started) this.running.set(key, started);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([...this.running.values()].map((one) => one.stop()));
  }

  /** What they tell, in sum. */
  health(): { readonly watches: number; readonly taken: number; readonly away?: readonly string[] } {
    const away = new Set(this.all.flatMap((watch) => watch.away ?? []));
    return {
      watches: this.running.size,
      taken: this.all.reduce((sum, { taken }) => sum + taken, 0),
      ...(away.size > 0 && { away: [...away] }),
    };
  }
}
