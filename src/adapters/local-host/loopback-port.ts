import { createServer } from 'node:net';

/**
 * Takes a port of the loopback address and gives it up at once; 0 lets the system choose one.
 * @returns its number, or undefined when somebody listens there now. Another process may take it in the meantime.
 */
export async function probePort(port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1' }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined));
    });
  });
}
