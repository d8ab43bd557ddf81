/** The small files with which worker and supervisor tell each other, and those who come later, about an attempt. */
import { join } from 'node:path';
import { z } from 'zod';
import { ERRORS, type ErrorCode } from '../../../contracts/errors';
import { readIfPresent } from '../../local-disk/durable-files';
import { processIdentitySchema } from '../../local-host/process-identity';

/** `launch.json`: what the supervisor is to do. Never holds the environment, since secrets travel there. */
export interface LaunchRecord {
  readonly command: readonly string[];
  readonly directory: string;
  readonly timeoutSeconds: number;
  readonly memoryBytes: number | null;
  readonly graceSeconds: number;
  /** Interpreter that runs the supervisor. */
  readonly python: string;
}
const launchSchema = z.object({
  python: z.string(),
  timeoutSeconds: z.number(),
  memoryBytes: z.number().nullable(),
  graceSeconds: z.number(),
});

/** `process.json`: the supervisor, and since when it runs. */
const processSchema = processIdentitySchema.extend({ startedAt: z.string() });
export type ProcessRecord = z.infer<typeof processSchema>;

/** `exit.json`: how an attempt ended. Written by the supervisor, or by a worker that finds the supervisor gone (`lost`). */
const exitSchema = z.object({
  reason: z.enum([
    'exited',
    'signalled',
    'timeout',
    'cancelled',
    'stopped',
    'out-of-memory',
    'not-started',
    'lost',
  ]),
  exitCode: z.number().int().nullable(),
  signal: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string(),
  maxRssBytes: z.number().nonnegative(),
  message: z.string().optional(),
});
export type ExitRecord = z.infer<typeof exitSchema>;

/** `submission.json`: the Job that was made for the attempt on a cluster, and which of that name. */
const submissionSchema = z.object({ name: z.string(), uid: z.string(), at: z.string() });
export type SubmissionRecord = z.infer<typeof submissionSchema>;

/** `cancel.json`: somebody wants the attempt to end. */
const cancelSchema = z.object({ reason: z.string(), at: z.string() });

/** `rejected.json`: the attempt ended well, but what it left was refused. */
const rejectedSchema = z.object({
  code: z.enum(Object.keys(ERRORS) as [ErrorCode, ...ErrorCode[]]),
  message: z.string(),
  at: z.string(),
});

const schemas = {
  'launch.json': launchSchema,
  'process.json': processSchema,
  'exit.json': exitSchema,
  'submission.json': submissionSchema,
  'cancel.json': cancelSchema,
  'rejected.json': rejectedSchema,
} as const;

/** A record of an attempt, or undefined when it is not there. All are written atomically, so one that does not parse is an error. */
export async function readRecord<Name extends keyof typeof schemas>(
  directory: string,
  name: Name,
): Promise<z.infer<(typeof schemas)[Name]> | undefined> {
  const text = await readIfPresent(join(directory, name));
  return text === undefined
    ? undefined
    : (schemas[name].parse(JSON.parse(text)) as z.infer<(typeof schemas)[Name]>);
}
