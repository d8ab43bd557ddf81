/** `millrace.yaml` at the project's root: environments, chosen with `--env`. */
import { z } from 'zod';
import { kubernetesSettingsSchema } from './kubernetes-settings';
import { identifier } from './pipeline-file/names';

const channelSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('console') }),
  z.strictObject({ type: z.literal('file'), path: z.string().min(1) }),
  z.strictObject({ type: z.enum(['slack', 'smtp', 'pagerduty', 'webhook']) }).loose(),
]);
export type Channel = z.infer<typeof channelSchema>;

/** `env:NAME` or `file:PATH`, relative to the project: a secret is only ever named. */
export const secretReferenceSchema = z
  .string()
  .regex(/^(env:[A-Za-z_]\w*|file:.+)$/, 'write env:NAME or file:PATH; secrets never stand in this file');

const tlsSchema = z.union([
  z.boolean(),
  z.strictObject({
    ca: z.string().optional().describe('File with the certificates to trust, PEM.'),
    certificate: z.string().optional().describe("File with the client's own certificate, PEM."),
    key: secretReferenceSchema.optional().describe('Its private key: file:PATH or env:NAME.'),
  }),
]);

/** Where objects lie: AWS unless an endpoint is given. Without keys the standard chain of the AWS SDK is asked. */
export const s3ConnectionSchema = z.strictObject({
  endpoint: z.url().optional().describe('Of an S3-compatible server; AWS unless given.'),
  region: z.string().default('us-east-1'),
  accessKey: secretReferenceSchema.optional(),
  secretKey: secretReferenceSchema.optional(),
  pathStyle: z.boolean().default(true).describe('Bucket in the path and not in the host name.'),
});
export type S3Connection = z.infer<typeof s3ConnectionSchema>;

/** An artifact store in a bucket. */
export const s3StoreSchema = s3ConnectionSchema.extend({
  bucket: z.string().regex(/^[a-z0-9.-]{3,63}$/),
  prefix: z
    .string()
    .regex(/^[A-Za-z0-9/_.-]*$/)
    .default('millrace')
    .describe('Put before every key.'),
  cache: z.string().default('.millrace/s3-cache').describe('Folder of this host for copies of what is read.'),
});
export type S3Store = z.infer<typeof s3StoreSchema>;

/** The brokers that Kafka triggers read from. */
export const kafkaSchema = z.strictObject({
  brokers: z.array(z.string().regex(/^[^:\s]+:\d+$/, 'write HOST:PORT')).min(1),
  group: z.string().min(1).default('millrace').describe('Consumer group of the trigger service.'),
  cluster: z
    .string()
    .optional()
    .describe("Name of the cluster in the ids of runs; the cluster's own id unless given."),
  deadLetterTopic: z.string().default('ml.training.requests.dead'),
  tls: tlsSchema.default(false),
  sasl: z
    .strictObject({
      mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
      username: secretReferenceSchema,
      password: secretReferenceSchema,
    })
    .optional(),
});
export type KafkaSettings = z.infer<typeof kafkaSchema>;

/** A ledger that a fleet shares. */
export const postgresSchema = z.strictObject({
  host: z.string().default('127.0.0.1'),
  port: z.number().int().min(1).max(65_535).default(5432),
  database: z.string().default('millrace'),
  user: z.string().default('millrace'),
  password: secretReferenceSchema.optional(),
  tls: tlsSchema.default(false),
});
export type PostgresSettings = z.infer<typeof postgresSchema>;

/** Where the HTTP API of `millrace serve` listens, and who gets in. */
export const apiSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address to listen on; loopback unless given.'),
  port: z.number().int().min(0).max(65_535).default(0).describe('0 takes a free one, and keeps it.'),
  tokens: secretReferenceSchema
    .optional()
    .describe(
      'Where the bearer tokens and their scopes stand: file:PATH or env:NAME. Without it nobody gets in.',
    ),
});
export type ApiSettings = z.infer<typeof apiSchema>;

/** Where everything outside is: `--env NAME` chooses one. Paths are relative to the project. */
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
    .or(z.strictObject({ s3: s3StoreSchema }))
    .prefault({ path: '.millrace/store' })
    .describe('Artifact store: a folder of this host, or a bucket.'),
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
    .or(z.strictObject({ postgres: postgresSchema }))
    .prefault({ path: '.millrace/ledger.sqlite' }),
  modelPrefix: z
    .string()
    .regex(/^[a-z0-9-]*$/)
    .default('')
    .describe('Put before the names of registered models: `staging-`.'),
  channels: z.record(identifier, channelSchema).default({}),
  s3: s3ConnectionSchema.optional().describe('How `s3://` sources and object triggers are reached.'),
  kafka: kafkaSchema.optional().describe('Brokers that Kafka triggers listen to.'),
  api: apiSchema.prefault({}).describe('The HTTP API of `millrace serve`.'),
  pools: z
    .record(identifier, z.number().int().positive())
    .default({})
    .describe('Pool → units that the whole fleet may hold at once: `gpu: 4`.'),
  kubernetes: kubernetesSettingsSchema
    .optional()
    .describe('The cluster that trains with `training.backend: kubernetes`.'),
});
export type Environment = z.infer<typeof environmentSchema>;

/** millrace.yaml, with defaults filled in. */
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
  for (const [channel, settings] of Object.entries(environment.channels)) {
    if (settings.type !== 'console' && settings.type !== 'file')
      found.push({
        path: [...base, 'channels', channel, 'type'],
        reason: `the channel type ${settings.type} is not supported yet; use console or file`,
      });
  }
  return found;
}
