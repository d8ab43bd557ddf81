/** The program of the gateway: `node main.js ENDPOINT_FOLDER`. Listens on the endpoint's port, on loopback only, until SIGTERM. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { currentProcess } from '../../../local-host/process-identity';
import { CurrentTarget } from './current-target';
import { createGateway } from './server';

/** What MLflow callers send in one request at most; the model server has the same limit. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** How long requests under way may take after SIGTERM. */
const GRACE_MS = 10_000;

const folder = process.argv[2] ?? '.';
const endpoint = JSON.parse(readFileSync(join(folder, 'endpoint.json'), 'utf8')) as {
  model: string;
  port: number;
};
const server = createGateway({
  model: endpoint.model,
  target: new CurrentTarget(join(folder, 'current.json')),
  maxBodyBytes: MAX_BODY_BYTES,
});

server.on('error', (error) => {
  console.error(error.message);
  process.exit(1);
});
server.listen({ port: endpoint.port, host: '127.0.0.1' }, () => {
  const record = { port: endpoint.port, process: currentProcess(), startedAt: new Date().toISOString() };
  const temporary = join(folder, `gateway.json.${process.pid}.tmp`);
  writeFileSync(temporary, `${JSON.stringify(record, undefined, 2)}\n`);
  renameSync(temporary, join(folder, 'gateway.json'));
  console.log(`${record.startedAt} gateway of ${endpoint.model} listens on 127.0.0.1:${endpoint.port}`);
});
process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
  setTimeout(() => process.exit(0), GRACE_MS).unref();
});
