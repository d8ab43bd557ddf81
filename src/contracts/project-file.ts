/** `millrace.yaml` at the project's root: environments, chosen with `--env`. */
import { z } from 'zod';
import { identifier } from './pipeline-file/names';

const channelSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('console') }),
  z.strictObject({ type: z.literal('file'), path: z.string().min(1) }),
  z.strictObject({ type: z.enum(['slack', 'smtp', 'pagerduty', 'webhook']) }).loose(),
]);
export type Channel = z.infer<typeof channelSchema>;

/** `env:NAME` or `file:PATH`: a secret is only ever named. */
export const secretReferenceSchema = z
  .string()
  .regex(/^(env:[A-Za-z_]\w*|file:.+)$/, 'write env:NAME or file:PATH; secrets never stand in this file');

export const environmentSchema = z.strictObject({
  temporal: z
    .strictObject({
      address: z
        .string()
        .optional()
        .describe(
          'Host and port; the embedded server unless given here or in the standard TEMPORAL_* variables or temporal.toml.',
        ),
      namespace: z.string().optional(),
      profile: z.string().optional().describe('Profile of temporal.toml.'),
    })
    .prefault({}),
  store: z
    .strictObject({ path: z.string().min(1) })
    .or(z.strictObject({ s3: z.unknown() }))
    .prefault({ path: '.millrace/store' })
    .describe('Artifact store: a folder of this host.'),
  mlflow: z
    .strictObject({
      trackingUri: z.string().optional(),
      username: secretReferenceSchema.optional(),
      password: secretReferenceSchema.optional(),
      token: secretReferenceSchema.optional(),
    })
    .prefault({}),
  ledger: z
    .strictObject({ path: z.string().min(1) })
    .or(z.strictObject({ postgres: z.unknown() }))
    .prefault({ path: '.millrace/ledger.sqlite' }),
  modelPrefix: z
    .string()
    .regex(/^[a-z0-9-]*$/)
    .default('')
    .describe('Put before the names of registered models: `staging-`.'),
  channels: z.record(identifier, channelSchema).default({}),
});
export type Environment = z.infer<typeof environmentSchema>;

export const projectFileSchema = z.strictObject({
  apiVersion: z.literal('millrace/v1'),
  pipelines: z.string().default('pipelines').describe('Folder with the pipeline files.'),
  dataRoot: z
    .string()
    .default('.')
    .describe("Folder that data paths may not leave; the project's root unless given."),
  default: identifier.default('local'),
  environments: z.record(identifier, environmentSchema).prefault({ local: {} }),
});
export type ProjectFile = z.infer<typeof projectFileSchema>;

/** Paths of what an environment asks for and this version cannot do yet. */
export function unsupportedEnvironmentKeys(
  name: string,
  environment: Environment,
): { path: readonly string[]; reason: string }[] {
  const base = ['environments', name];
  const found: { path: readonly string[]; reason: string }[] = [];
  if ('s3' in environment.store)
    found.push({
      path: [...base, 'store', 's3'],
      reason: 'S3 stores are not supported yet; use store: { path }',
    });
  if ('postgres' in environment.ledger)
    found.push({
      path: [...base, 'ledger', 'postgres'],
      reason: 'a PostgreSQL ledger is not supported yet; use ledger: { path }',
    });
  for (const [channel, settings] of Object.entries(environment.channels)) {
    if (settings.type !== 'console' && settings.type !== 'file')
      found.push({
        path: [...base, 'channels', channel, 'type'],
        reason: `the channel type ${settings.type} is not supported yet; use console or file`,
      });
  }
  return found;
}
