/** Catches an API whose port is taken and that leaves a listener behind at each of its tries, or says EADDRINUSE and not what to do. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listen } from '../../../src/client/serve/api/listen';

const servers: Server[] = [];

// Whatever the test finds: a server that listens keeps Jest for ever.
afterEach(() => servers.splice(0).forEach((server) => server.close()));

test('a port that is taken is refused with a mend, as often as it is asked for, and taken once it is free', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  servers.push(other);
  const { port } = other.address() as AddressInfo;
  const server = createServer();
  servers.push(server);
  const before = [server.listenerCount('error'), server.listenerCount('listening')];
  const settings = { host: '127.0.0.1', port };
  for (let attempt = 0; attempt < 3; attempt += 1)
    await expect(listen(server, settings, 'unused')).rejects.toMatchObject({
      code: 'SETUP_FAILED',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
      mend: expect.stringContaining('api.port') as string,
    });
  expect([server.listenerCount('error'), server.listenerCount('listening')]).toEqual(before);
  await new Promise((closed) => other.close(closed));
  await expect(listen(server, settings, 'unused')).resolves.toBe(`http://127.0.0.1:${port}`);
});
