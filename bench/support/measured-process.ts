/** Work in a process of its own, which says how long it took and how much memory it held at most. */
import { join } from 'node:path';
import { startTypeScript } from '../../test/support/child-process';

/** What a measured process says of itself. */
export interface Measurement {
  /** Milliseconds of the work alone, by name; the start of the process does not count. */
  readonly milliseconds: Readonly<Record<string, number>>;
  /** Largest resident memory of the whole process, as the kernel counted it. */
  readonly peakBytes: number;
  /** What the work came to, for the next process or for a check. */
  readonly result: unknown;
}

/** Runs a program of `bench/processes` and reads its {@link Measurement}. @throws Error with what it said when it fails. */
export async function runMeasured(program: string, args: readonly string[]): Promise<Measurement> {
  const child = startTypeScript(join(__dirname, '..', 'processes', program), args);
  const end = (): void => void child.process.kill('SIGKILL');
  process.once('exit', end);
  const { code, output, errors } = await child.ended;
  process.off('exit', end);
  if (code !== 0) throw new Error(`${program} ended with code ${String(code)}: ${errors.slice(-2000)}`);
  return JSON.parse(output) as Measurement;
}

/** In the measured process: prints its measurement. */
export function tellMeasurement(measurement: Omit<Measurement, 'peakBytes'>): void {
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ ...measurement, peakBytes } satisfies Measurement));
}
