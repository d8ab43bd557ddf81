/** `GET /health` and `GET /metrics` of a worker process, on loopback. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { collectDefaultMetrics, Registry } from 'prom-client';

/** A served health page. */
export interface HealthServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves health and metrics. `describe` says how the process is; `healthy: false` answers 503. Port 0 takes a free one. */
export async function serveHealth(
  port: number,
  describe: () => { healthy: boolean; [detail: string]: unknown },
): Promise<HealthServer> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url === '/health') {
        const state = describe();
        response
          .writeHead(state.healthy ? 200 : 503, { 'content-type': 'application/json' })
          .end(JSON.stringify(state));
      } else if (request.url === '/metrics') {
        response.writeHead(200, { 'content-type': registry.contentType }).end(await registry.metrics());
      } else response.writeHead(404).end();
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const { port: bound } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${bound}/health`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
