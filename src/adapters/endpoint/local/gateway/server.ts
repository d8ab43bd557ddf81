/** The gateway: one stable address in front of whichever version answers now. Node's own modules only: it starts in a blink and stays small. */
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { CurrentTarget, Target } from './current-target';

/** Header that tells which version of the model answered. */
const VERSION_HEADER = 'x-millrace-model-version';
/** Path that the gateway answers itself: for which ports requests are under way. */
export const GATEWAY_PATH = '/-/millrace';
/** A model server that says nothing for so long has hung. */
const SILENCE_MS = 60_000;

/** So many times the limit is read before a caller is cut off. */
const PATIENCE = 8;

/** What the gateway needs to know. */
export interface GatewayOptions {
  readonly model: string;
  readonly target: CurrentTarget;
  readonly maxBodyBytes: number;
}

/** Of one connection only, not of the request: RFC 9110, 7.6.1. `expect` is answered by the gateway itself. */
const HOP_BY_HOP = new Set([
  'connection',
  'expect',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Makes the gateway's HTTP server; the caller lets it listen. */
export function createGateway(options: GatewayOptions): Server {
  const underWay = new Map<number, number>();
  return createServer((incoming, outgoing) => {
    if (incoming.url === GATEWAY_PATH) {
      const body = { model: options.model, pid: process.pid, underWay: Object.fromEntries(underWay) };
      outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(body));
      return;
    }
    const target = options.target.read();
    if (!target) {
      refuse(outgoing, 503, `no version of the model ${options.model} is deployed`);
      return;
    }
    // Counted in the same turn in which the target was read: whoever drains the old server after a switch sees every request to it.
    underWay.set(target.port, (underWay.get(target.port) ?? 0) + 1);
    outgoing.once('close', () => {
      const left = (underWay.get(target.port) ?? 1) - 1;
      if (left > 0) underWay.set(target.port, left);
      else underWay.delete(target.port);
    });
    outgoing.setHeader(VERSION_HEADER, target.version);
    void forward(incoming, outgoing, target, options.maxBodyBytes);
  });
}

async function forward(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  target: Target,
  maxBodyBytes: number,
): Promise<void> {
  // Read whole before the server hears of it: a slow caller then holds none of its few threads, and a chunked body gets a length.
  let body: Buffer | undefined;
  try {
    body = await readBody(incoming, maxBodyBytes);
  } catch {
    // The caller went away in the middle of its own request, or sends without end.
    outgoing.destroy();
    return;
  }
  if (!body) {
    refuse(outgoing, 413, `the body is larger than ${maxBodyBytes} bytes`);
    return;
  }
  const headers = endToEnd(incoming.headers);
  if (body.length > 0 || headers['content-length'] !== undefined)
    headers['content-length'] = String(body.length);
  // A connection of its own for each request: one that was kept alive may be closed by the server in the moment it is used again.
  const upstream = request({
    host: '127.0.0.1',
    port: target.port,
    method: incoming.method,
    path: incoming.url,
    headers,
    agent: false,
    timeout: SILENCE_MS,
  });
  upstream.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, {
      ...endToEnd(answer.headers),
      [VERSION_HEADER]: target.version,
    });
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
    answer.on('aborted', () => outgoing.destroy());
  });
  upstream.on('timeout', () => upstream.destroy(new SilentServer()));
  upstream.on('error', (error) => {
    if (outgoing.headersSent) outgoing.destroy();
    else if (error instanceof SilentServer)
      refuse(outgoing, 504, `version ${target.version} did not answer in ${SILENCE_MS / 1000} s`);
    else refuse(outgoing, 503, `version ${target.version} does not answer: ${error.message}`);
  });
  outgoing.on('close', () => upstream.destroy());
  upstream.end(body);
}

class SilentServer extends Error {}

/** The whole body, or undefined when it is too large. The rest is thrown away first: a caller that is still sending does not see an answer. */
async function readBody(incoming: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= limit) chunks.push(chunk);
    else if (bytes > limit * PATIENCE) throw new Error('a flood');
  }
  return bytes > limit ? undefined : Buffer.concat(chunks);
}

function endToEnd(headers: IncomingMessage['headers']): Record<string, string | string[]> {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined || HOP_BY_HOP.has(name) || named.has(name) ? [] : [[name, value]],
    ),
  );
}

/** MLflow's form of an error, so that its clients show the words. */
function refuse(outgoing: ServerResponse, status: number, message: string): void {
  const code = status === 413 ? 'BAD_REQUEST' : 'TEMPORARILY_UNAVAILABLE';
  outgoing.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 503 && { 'retry-after': '1' }),
  });
  outgoing.end(JSON.stringify({ error_code: code, message }));
}
