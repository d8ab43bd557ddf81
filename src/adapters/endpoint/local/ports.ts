/** Ports of this host, loopback only. */
import { sha256 } from '../../../contracts/digest';
import { probePort } from '../../local-host/loopback-port';
import { MillraceError } from '../../../contracts/errors';

/** Below what Linux hands out to outgoing connections (32768 and up), so that a stopped endpoint finds its port free again. */
const FIRST_STABLE = 20_000;
const STABLE_COUNT = 10_000;

/** A port that is free now, for a server that only the gateway knows. */
export async function ephemeralPort(): Promise<number> {
  const port = await probePort(0);
  if (port === undefined) throw new MillraceError('DEPLOYMENT_FAILED', 'this host has no free port');
  return port;
}

/** Whether nobody listens on the port now. */
export async function isFree(port: number): Promise<boolean> {
  return (await probePort(port)) !== undefined;
}

/** A free port for the endpoint of a model: the same on every try as long as it is free, and none of `taken`. */
export async function chooseStablePort(model: string, taken: ReadonlySet<number>): Promise<number> {
  const start = Number.parseInt(sha256(model).slice(0, 8), 16) % STABLE_COUNT;
  for (let step = 0; step < STABLE_COUNT; step++) {
    const port = FIRST_STABLE + ((start + step) % STABLE_COUNT);
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new MillraceError(
    'DEPLOYMENT_FAILED',
    `no port from ${FIRST_STABLE} up is free for the endpoint of ${model}`,
  );
}
