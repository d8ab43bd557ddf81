/** What the Kubernetes Job of a training looks like, as far as the pipeline decides it. */
import { z } from 'zod';
import { jobEnvironmentSchema } from './environment';
import { labelValue, objectName, qualifiedName, quantity } from './names';
import { jobPatchSchema } from './patch';
import { jobVolumesSchema } from './volumes';

/** The resource that `resources.gpu` counts. */
export const GPU_RESOURCE = 'nvidia.com/gpu';

const resourcesByName = z.record(qualifiedName, quantity);

const requestsSchema = resourcesByName.superRefine((requests, context) => {
  for (const name of Object.keys(requests))
    if (name.includes('/'))
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'belongs under limits: of a device as much is requested as it is limited to',
      });
});

const limitsSchema = resourcesByName.superRefine((limits, context) => {
  if (GPU_RESOURCE in limits)
    context.addIssue({
      code: 'custom',
      path: [GPU_RESOURCE],
      message: 'belongs to the candidate, as resources: { gpu: 1 }; pools count it, too',
    });
});

const tolerationSchema = z.strictObject({
  key: qualifiedName.optional(),
  operator: z.enum(['Exists', 'Equal']).optional(),
  value: labelValue.optional(),
  effect: z.enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute']).optional(),
  tolerationSeconds: z.number().int().optional(),
});

const affinitySchema = z.strictObject({
  nodeAffinity: z.looseObject({}).optional(),
  podAffinity: z.looseObject({}).optional(),
  podAntiAffinity: z.looseObject({}).optional(),
});

/** A reference to an image: registry, path, tag or digest. */
export const imageSchema = z
  .string()
  .regex(/^[^\s]+$/, 'write an image with its tag or digest: ghcr.io/acme/trainer:1.4.0');

export const jobTemplateSchema = z.strictObject({
  image: imageSchema.optional().describe("Image that trains; the environment's unless given."),
  command: z
    .array(z.string())
    .min(1)
    .optional()
    .describe(
      "Program of the container in place of the trainer's own; it gets the trainer's command as its arguments unless `arguments` says otherwise. `$(MILLRACE_JOB_DIR)` stands for the job directory.",
    ),
  arguments: z
    .array(z.string())
    .optional()
    .describe("Arguments of `command`, or without it of the image's own entry point."),
  environment: jobEnvironmentSchema
    .default({})
    .describe('Variables: plain ones, and secrets by reference, `{ secretKeyRef: { name, key } }`.'),
  requests: requestsSchema
    .default({})
    .describe('Resources by name, in place of what `resources` of the candidate says.'),
  limits: limitsSchema.default({}).describe('As requests; extended resources belong here.'),
  nodeSelector: z.record(qualifiedName, labelValue).default({}).describe('Labels of the node.'),
  tolerations: z.array(tolerationSchema).optional().describe('Taints of nodes that do not matter.'),
  affinity: affinitySchema.optional().describe('As in a pod.'),
  priorityClassName: objectName.optional().describe('Who goes first, and who may be pre-empted.'),
  serviceAccount: objectName.optional().describe('Account of the pod; it gets no token of the cluster.'),
  volumes: jobVolumesSchema
    .default({})
    .describe('Name → claim, secret or folder of the pod, and where it is mounted.'),
  sharedMemory: quantity
    .optional()
    .describe('Size of /dev/shm, 64 MiB unless given; it counts as memory of the job.'),
  queue: labelValue.min(1).optional().describe('Queue of Kueue that admits the job.'),
  imagePullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  imagePullSecrets: z.array(objectName).optional().describe('Secrets of the namespace.'),
  patch: jobPatchSchema
    .optional()
    .describe(
      'What has no key above: merged into the Job, lists such as containers and volumes by name (the container is called `main`), null removes.',
    ),
});
/** A template with defaults applied. */
export type JobTemplate = z.infer<typeof jobTemplateSchema>;
