/** `.millrace/stack.json`: what `millrace up` started for a project, and where it answers. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { processIdentitySchema } from '../local-host/process-identity';

/** Folder of a project's state, below its root; never committed. */
export const STATE_FOLDER = '.millrace';

/** One process of the embedded stack. */
const stackProcessSchema = z.object({ process: processIdentitySchema, log: z.string() });

/** One that runs Millrace's own code. */
const nodeProcessSchema = stackProcessSchema.extend({
  healthUrl: z.string(),
  /** What it was started with: another environment or another build of the code means that it must be started anew. */
  startedWith: z.string().optional(),
});

/** Everything that runs for a project. A part that is absent was not started: the project uses one that was there. */
const stackRecordSchema = z.object({
  version: z.literal(1),
  temporal: stackProcessSchema.extend({ address: z.string(), uiUrl: z.string() }).optional(),
  mlflow: stackProcessSchema.extend({ uri: z.string() }).optional(),
  worker: nodeProcessSchema.optional(),
  serve: nodeProcessSchema.optional(),
});
export type StackRecord = z.infer<typeof stackRecordSchema>;

/** Path of the record. */
export function stackRecordPath(projectRoot: string): string {
  return path.join(projectRoot, STATE_FOLDER, 'stack.json');
}

/** The record of what was started; an empty one when nothing was, or when the file is damaged. */
export async function readStackRecord(projectRoot: string): Promise<StackRecord> {
  try {
    return stackRecordSchema.parse(JSON.parse(await readFile(stackRecordPath(projectRoot), 'utf8')));
  } catch {
    return { version: 1 };
  }
}
