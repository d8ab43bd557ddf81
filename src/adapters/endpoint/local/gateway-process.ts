/** The gateway of one endpoint, seen from outside: starting, finding, draining and stopping it. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import { isAlive } from '../../local-host/process-identity';
import { GATEWAY_PATH } from './gateway/server';
import { chooseStablePort, isFree } from './ports';
import { processesWith, startDetached, stopProcess } from './processes';
import { readRecord, writeRecord } from './records';
import { lookUntil } from './looks';

const POLL_MS = 20;
const START_MS = 20_000;
const GRACE_MS = 15_000;
/** Longer than what the gateway itself gives a request. */
const DRAIN_MS = 75_000;
/** Entry in the environment by which a gateway is known even if nobody wrote down that it was started. */
const MARKER = 'MILLRACE_ENDPOINT_DIR';

/** How gateways are started. */
export interface GatewaySettings {
  /** Node and the gateway's program; the endpoint's folder is added. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Makes sure that the endpoint's gateway runs, on `wanted` or else on the port chosen once. @returns the port.
 * @throws DEPLOYMENT_FAILED when the port is taken by somebody else.
 */
export async function ensureGateway(
  settings: GatewaySettings,
  endpoint: { readonly folder: string; readonly model: string; readonly taken: ReadonlySet<number> },
  wanted?: number,
): Promise<number> {
  const { folder, model } = endpoint;
  const known = await readRecord(folder, 'endpoint.json');
  const port = wanted ?? known?.port ?? (await chooseStablePort(model, endpoint.taken));
  const running = await runningGateway(folder);
  if (running?.port === port) return port;
  if (!(await isFree(port))) throw portTaken(model, port);
  if (running) await stopProcess(running.process, GRACE_MS);
  await mkdir(folder, { recursive: true });
  await writeRecord(folder, 'endpoint.json', { model, port });
  await start(settings, folder, model, port);
  return port;
}

/** The gateway that runs now, or undefined. */
export async function runningGateway(folder: string) {
  const record = await readRecord(folder, 'gateway.json');
  return record && (await isAlive(record.process)) ? record : undefined;
}

/** Ends the gateway, after the requests that it is answering. */
export async function stopGateway(folder: string): Promise<void> {
  const running = await runningGateway(folder);
  if (running) await stopProcess(running.process, GRACE_MS);
}

/** Waits until the gateway has no request under way to the server at `serverPort`; a hung one is not waited for longer than it may take. */
export async function drained(folder: string, serverPort: number): Promise<void> {
  const running = await runningGateway(folder);
  if (!running) return;
  await lookUntil(DRAIN_MS, POLL_MS, async () => {
    const underWay = await requestsUnderWay(running.port).catch(() => undefined);
    return underWay?.[serverPort] ? undefined : true;
  });
}

async function requestsUnderWay(port: number): Promise<Record<string, number>> {
  const answer = await fetch(`http://127.0.0.1:${port}${GATEWAY_PATH}`, {
    signal: AbortSignal.timeout(5000),
  });
  return ((await answer.json()) as { underWay: Record<string, number> }).underWay;
}

async function start(settings: GatewaySettings, folder: string, model: string, port: number): Promise<void> {
  for (const orphan of await processesWith(MARKER, folder)) await stopProcess(orphan, GRACE_MS);
  const log = join(folder, 'gateway.log');
  const before = (await readFile(log, 'utf8').catch(() => '')).length;
  const started = await startDetached({
    command: [...settings.command, folder],
    directory: folder,
    environment: { ...settings.environment, [MARKER]: folder },
    log,
  });
  const end = await lookUntil(START_MS, POLL_MS, async () => {
    const running = await runningGateway(folder);
    if (running?.process.pid === started.pid && running.port === port) return 'up';
    return (await isAlive(started)) ? undefined : 'gone';
  });
  if (end === 'up') return;
  await stopProcess(started, 0);
  if (!(await isFree(port))) throw portTaken(model, port);
  const words = (await readFile(log, 'utf8').catch(() => '')).slice(before).slice(-1000);
  throw new MillraceError('DEPLOYMENT_FAILED', `the gateway of ${model} did not start: ${words}`, {
    where: log,
  });
}

function portTaken(model: string, port: number): MillraceError {
  return new MillraceError(
    'DEPLOYMENT_FAILED',
    `port ${port} of the endpoint of ${model} is taken by another process`,
    {
      where: `127.0.0.1:${port}`,
      mend: `End the process that listens there, or give the pipeline file another deploy.port.`,
      retryable: false,
    },
  );
}
