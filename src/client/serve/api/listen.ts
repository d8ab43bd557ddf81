/** Where the HTTP API listens. */
import { readFile } from 'node:fs/promises';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { replaceFile } from '../../../adapters/local-disk/durable-files';
import { probePort } from '../../../adapters/local-host/loopback-port';
import { MillraceError } from '../../../contracts/errors';
import type { ApiSettings } from '../../../contracts/project-file';

/**
 * Listens at `host` and `port`, 0 being the port that `portFile` remembers, else a free one. May be asked again after a failure.
 * @returns the URL. @throws SETUP_FAILED with what to do where the address is taken or refused.
 */
export async function listen(
  server: Server,
  { host, port }: Pick<ApiSettings, 'host' | 'port'>,
  portFile: string,
): Promise<string> {
  const wanted = port === 0 ? await lastPort(portFile) : port;
  // `once` takes its listeners away, whichever way it ends: this is asked again and again while the port is taken.
  const listening = once(server, 'listening');
  server.listen(wanted, host);
  await listening.catch((error: unknown) => {
    throw refusal(error, `${host}:${port}`);
  });
  const bound = server.address() as AddressInfo;
  if (port === 0) await replaceFile(portFile, `${bound.port}\n`);
  return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
}

function refusal(error: unknown, address: string): MillraceError {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  const taken = code === 'EADDRINUSE';
  return new MillraceError(
    'SETUP_FAILED',
    taken
      ? `The API cannot listen at ${address}: another process does.`
      : `The API cannot listen at ${address}: ${code}.`,
    {
      where: 'api in millrace.yaml',
      mend: taken
        ? 'end the other process (another `millrace serve`, or `millrace up` of another project), or name another api.port in millrace.yaml'
        : 'name an api.host of this machine and an api.port that may be used, in millrace.yaml',
      cause: error,
    },
  );
}

async function lastPort(file: string): Promise<number> {
  const last = Number(await readFile(file, 'utf8').catch(() => '0'));
  return Number.isInteger(last) && last > 0 && last < 65_536 ? ((await probePort(last)) ?? 0) : 0;
}
