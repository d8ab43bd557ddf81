/** Ports of the embedded stack: the usual ones where they are free, and the same ones at the next `up`. Loopback only. */
import { join } from 'node:path';
import { z } from 'zod';
import { STATE_FOLDER } from '../../adapters/project/stack-record';
import { probePort } from '../../adapters/local-host/loopback-port';
import { readIfPresent, replaceFile } from '../../adapters/local-disk/durable-files';

const portsSchema = z.object({
  temporal: z.number().int(),
  temporalUi: z.number().int(),
  mlflow: z.number().int(),
  worker: z.number().int(),
  serve: z.number().int(),
});

/** One port a part. */
export type StackPorts = z.infer<typeof portsSchema>;

/** What people know these services by. */
const USUAL_PORTS: StackPorts = { temporal: 7233, temporalUi: 8233, mlflow: 5000, worker: 9464, serve: 9465 };

/**
 * Chooses a port for each part: the one of the last time, else the usual one, else any that is free; `held` are those that running parts of
 * this stack have, and keep. What was chosen is remembered beside the record.
 */
export async function choosePorts(projectRoot: string, held: Partial<StackPorts>): Promise<StackPorts> {
  const path = join(projectRoot, STATE_FOLDER, 'ports.json');
  const remembered = parsePorts(await readIfPresent(path));
  const taken = new Set(Object.values(held));
  const chosen = { ...USUAL_PORTS };
  for (const part of Object.keys(USUAL_PORTS) as (keyof StackPorts)[]) {
    const port = held[part] ?? (await firstFree([remembered[part], USUAL_PORTS[part], 0], taken));
    chosen[part] = port;
    taken.add(port);
  }
  await replaceFile(path, `${JSON.stringify(chosen, null, 2)}\n`);
  return chosen;
}

async function firstFree(
  wanted: readonly (number | undefined)[],
  taken: ReadonlySet<number>,
): Promise<number> {
  for (const port of wanted) {
    if (port === undefined || taken.has(port)) continue;
    const found = await probePort(port);
    if (found !== undefined && !taken.has(found)) return found;
  }
  return firstFree([0], taken);
}

/** What an older version remembered lacks a part. */
function parsePorts(text: string | undefined): { readonly [Part in keyof StackPorts]?: number | undefined } {
  try {
    return portsSchema.partial().parse(JSON.parse(text ?? '{}'));
  } catch {
    return {};
  }
}
