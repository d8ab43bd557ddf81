/** Which model server answers now. */
import { readFileSync, statSync } from 'node:fs';

/** One model server. */
export interface Target {
  readonly port: number;
  readonly version: string;
}

/**
 * Reads the target from a file that is only ever replaced by another one. It looks at the file on every request (some microseconds), so that
 * no request that begins after a switch goes to the old server; watching would be told some time later.
 */
export class CurrentTarget {
  private seen: { readonly stamp: string; readonly target: Target | undefined } = {
    stamp: '',
    target: undefined,
  };

  constructor(private readonly file: string) {}

  /** The target, or undefined when there is none. */
  read(): Target | undefined {
    const stat = statSync(this.file, { throwIfNoEntry: false, bigint: true });
    if (!stat) return undefined;
    const stamp = `${stat.ino}/${stat.mtimeNs}/${stat.size}`;
    if (stamp !== this.seen.stamp) this.seen = { stamp, target: parse(this.file) };
    return this.seen.target;
  }
}

function parse(file: string): Target | undefined {
  try {
    const { port, version } = JSON.parse(readFileSync(file, 'utf8')) as Partial<Target>;
    return typeof port === 'number' && typeof version === 'string' ? { port, version } : undefined;
  } catch {
    return undefined;
  }
}
