/** One process at a time: a lock that the kernel releases when its holder dies, however it dies. */
import { createServer, type Server } from 'node:net';
import { MillraceError } from '../../../contracts/errors';
import { sha256 } from '../../../contracts/digest';
import { hasCode } from '../../local-disk/durable-files';
import { lookUntil } from './looks';

const POLL_MS = 25;
/** Longer than a start, a drain and a stop together. */
const WAIT_MS = 5 * 60_000;

/**
 * Runs `work` while no other process of this host runs work of the same name. The lock is a socket in Linux's abstract namespace: binding
 * it is atomic, and nothing stays behind that would have to be recognised as stale.
 * @throws DEPLOYMENT_FAILED when the lock is not to be had in five minutes.
 */
export async function withLock<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  const lock = await acquire(name);
  try {
    return await work();
  } finally {
    await new Promise((resolve) => lock.close(resolve));
  }
}

async function acquire(name: string): Promise<Server> {
  const address = `\0millrace/${sha256(name).slice(0, 40)}`;
  const lock = await lookUntil(WAIT_MS, POLL_MS, () => bind(address));
  if (lock) return lock;
  throw new MillraceError(
    'DEPLOYMENT_FAILED',
    'another process has been changing this endpoint for five minutes',
    {
      where: name,
      mend: 'See what the other workers and `millrace` commands on this host are doing, then try again.',
    },
  );
}

async function bind(address: string): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(undefined) : reject(error)));
    server.listen(address, () => resolve(server));
  });
}
