/** Activities that do what a test tells them: fail some times, wait, count. */
import { ApplicationFailure, Context } from '@temporalio/activity';

/** One call of an activity. */
export interface Call {
  readonly name: string;
  /** The candidate, model or event it was about; empty where there is none. */
  readonly subject: string;
  readonly input: unknown;
}

/** A held activity. */
export interface Held {
  /** Resolves when a call has arrived. */
  readonly reached: Promise<void>;
  /** Lets it go on, and all later calls. */
  release(): void;
}

interface Hold {
  readonly gate: Promise<unknown>;
  reached(): void;
}

/** The script: a key is the name of an activity, or name and subject with a blank between. */
export class Script {
  readonly calls: Call[] = [];
  /** Keys of held calls that heard of a cancellation; each is also a call of `stopped`, so that the order can be seen. */
  readonly stopped: string[] = [];
  private readonly failures = new Map<string, Error[]>();
  private readonly holds = new Map<string, Hold>();
  private readonly running = new Map<string, number>();
  private readonly peaks = new Map<string, number>();

  /** Lets the next calls fail, in order. */
  fail(key: string, ...failures: Error[]): void {
    this.failures.set(key, failures);
  }

  /** Lets calls wait until they are released or cancelled. */
  hold(key: string): Held {
    const gate = Promise.withResolvers<undefined>();
    const arrival = Promise.withResolvers<undefined>();
    this.holds.set(key, { gate: gate.promise, reached: () => arrival.resolve(undefined) });
    return {
      reached: arrival.promise,
      release: () => {
        this.holds.delete(key);
        gate.resolve(undefined);
      },
    };
  }

  /** How many calls were made under this key. */
  count(key: string): number {
    return this.calls.filter(({ name, subject }) => name === key || `${name} ${subject}` === key).length;
  }

  /** Inputs of the calls of one activity, in order. */
  inputs<Input>(name: string): Input[] {
    return this.calls.filter((call) => call.name === name).map(({ input }) => input as Input);
  }

  /** The most calls of an activity that were under way at one time. */
  peak(name: string): number {
    return this.peaks.get(name) ?? 0;
  }

  /** Plays one call as it is scripted, then acts. */
  async play<Result>(call: Call, act: () => Result | Promise<Result>): Promise<Result> {
    const { name, subject } = call;
    const keys = subject === '' ? [name] : [`${name} ${subject}`, name];
    this.calls.push(call);
    const under = (this.running.get(name) ?? 0) + 1;
    this.running.set(name, under);
    this.peaks.set(name, Math.max(this.peak(name), under));
    try {
      for (const key of keys) await this.wait(key);
      for (const key of keys) {
        const failure = this.failures.get(key)?.shift();
        if (failure) throw failure;
      }
      return await act();
    } finally {
      this.running.set(name, (this.running.get(name) ?? 1) - 1);
    }
  }

  private async wait(key: string): Promise<void> {
    const hold = this.holds.get(key);
    if (!hold) return;
    hold.reached();
    const context = Context.current();
    // The server tells of a cancellation in the answer to a heartbeat.
    const beat = setInterval(() => context.heartbeat(), 50);
    try {
      await Promise.race([hold.gate, context.cancelled]);
    } catch (error) {
      this.stopped.push(key);
      this.calls.push({ name: 'stopped', subject: key, input: undefined });
      throw error;
    } finally {
      clearInterval(beat);
    }
  }
}

/** A failure that no retry mends. */
export const final = (code: string, message = `${code} as scripted`): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, code, { where: 'the script', mend: 'change the script' });
/** A failure that passes. */
export const passing = (code: string, times = 1): ApplicationFailure[] =>
  Array.from({ length: times }, () => ApplicationFailure.retryable(`${code} as scripted`, code));
