/** One object trigger at work: lists its part of the bucket, and takes each state of an object once. */
import { mapConcurrently } from '../../../../contracts/concurrency';
import { objectStateKey, objectUri, type ObjectState } from '../../../../ports/object-storage';
import { createOutage, type Outage } from '../../outage';
import { createObjectLetters, type ObjectLetters } from './letters';
import { sightsOf } from './sights';
import { takeSight, type ObjectTakers, type ObjectWatchSettings } from './take';

/** A thousand objects that come at once are fetched and started side by side. */
const AT_A_TIME = 8;
/** A policy that keeps an object from being read may be mended, of which the object shows nothing. */
const ASK_AGAIN_MS = 300_000;

/** How an object was dealt with. */
interface Settled {
  readonly state: string;
  /** By the watch's clock: when it is dealt with again though nobody has touched it. */
  readonly until: number;
}

/** The state of one trigger, from look to look. What must survive the process stands in the ledger: this is found out anew. */
export class ObjectWatch {
  /** Runs that it has started or found. */
  taken = 0;
  /** By key: an object that nobody touches costs nothing but its line in the listing. */
  private settled = new Map<string, Settled>();
  private readonly letters: ObjectLetters;
  private readonly outage: Outage;
  private readonly ending = new AbortController();

  constructor(
    private readonly dependencies: ObjectTakers,
    private readonly settings: ObjectWatchSettings,
    private readonly now: () => number = () => performance.now(),
  ) {
    const { pipeline, trigger } = settings;
    this.letters = createObjectLetters(dependencies.ledger, settings);
    this.outage = createOutage(
      `what the object trigger ${trigger.uri} of ${pipeline} needs`,
      dependencies.logger,
    );
  }

  /** Why it cannot go on at the moment. */
  get away(): string | undefined {
    return this.outage.reason;
  }

  /** No object is begun any more; one that is being fetched is given up, and fetched again by the next start. */
  stop(): void {
    this.ending.abort();
  }

  /** One look. It never throws. */
  async look(): Promise<void> {
    try {
      const sights = await sightsOf(this.dependencies.objects, this.settings.trigger, Date.now());
      const before = this.settled;
      const now = this.now();
      const unsettled = sights.filter((sight) => {
        const settled = before.get(sight.key);
        return settled?.state !== objectStateKey(sight) || settled.until <= now;
      });
      // Only of what is still there: a bucket may see millions of objects come and go.
      const there = new Set(sights.map(({ key }) => key));
      this.settled = new Map([...before].filter(([key]) => there.has(key)));
      await this.takeAll(unsettled);
      this.outage.ended();
    } catch (error) {
      if (!this.ending.signal.aborted) this.outage.failed(error);
    }
  }

  /** What stands in one object's way for a while, such as Temporal being away, stands in every other's; each is tried at the next look again. */
  private async takeAll(sights: readonly ObjectState[]): Promise<void> {
    await mapConcurrently(sights, AT_A_TIME, async (sight) => {
      if (!this.ending.signal.aborted) await this.take(sight);
    });
  }

  private async take(sight: ObjectState): Promise<void> {
    const { dependencies, settings, letters } = this;
    const taken = await takeSight(dependencies, settings, letters, sight, this.ending.signal);
    if (taken === 'changed') {
      dependencies.logger.debug({ object: objectUri(sight) }, 'an object changed while it was read');
      return;
    }
    if (taken === 'started') this.taken += 1;
    const until = taken === 'refused' ? this.now() + ASK_AGAIN_MS : Infinity;
    this.settled.set(sight.key, { state: objectStateKey(sight), until });
  }
}
