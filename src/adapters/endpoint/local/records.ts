/** The small files by which processes of different times know of each other. All are replaced atomically. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfPresent, replaceFile } from '../../local-disk/durable-files';
import { processIdentitySchema } from '../../local-host/process-identity';

const port = z.number().int().min(1).max(65_535);

const schemas = {
  'endpoint.json': z.object({ model: z.string(), port }),
  'current.json': z.object({
    deploymentId: z.string(),
    version: z.string(),
    /** Of the model server. */
    port,
    /** What answered before, and still can, until the switch is completed. */
    previous: z.string().optional(),
  }),
  'gateway.json': z.object({ port, process: processIdentitySchema, startedAt: z.string() }),
  'deployment.json': z.object({
    model: z.string(),
    deploymentId: z.string(),
    version: z.string(),
    python: z.string(),
    threshold: z.number().nullable(),
    port: port.optional(),
  }),
  'server.json': z.object({ port, process: processIdentitySchema, startedAt: z.string() }),
} as const;
type Name = keyof typeof schemas;
/** What stands in the file of that name. */
export type EndpointRecord<File extends Name> = z.infer<(typeof schemas)[File]>;

/** The record of that name in a folder, or undefined. */
export async function readRecord<File extends Name>(
  directory: string,
  name: File,
): Promise<EndpointRecord<File> | undefined> {
  const text = await readIfPresent(join(directory, name));
  return text === undefined ? undefined : (schemas[name].parse(JSON.parse(text)) as EndpointRecord<File>);
}

/** Replaces a record, atomically and durably. */
export async function writeRecord<File extends Name>(
  directory: string,
  name: File,
  record: EndpointRecord<File>,
): Promise<void> {
  await replaceFile(join(directory, name), `${JSON.stringify(record, undefined, 2)}\n`);
}

/** Removes a record; one that is not there is no error. */
export async function removeRecord(directory: string, name: Name): Promise<void> {
  await rm(join(directory, name), { force: true });
}
