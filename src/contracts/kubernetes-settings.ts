/** `kubernetes` of an environment in millrace.yaml: the cluster that trains, and what its Jobs have in common. */
import { z } from 'zod';
import { labelName, labelValue, mountPath, objectName, subPath } from './pipeline-file/kubernetes/names';
import { imageSchema, jobTemplateSchema } from './pipeline-file/kubernetes/template';
import { durationSchema } from './quantities';

/** The folder of the jobs on a cluster. */
const jobsFolderSchema = z.strictObject({
  path: mountPath.describe('Folder of the job directories: the same path in workers and pods.'),
  volume: z
    .union([
      z.strictObject({
        claim: objectName.describe(
          'PersistentVolumeClaim of the namespace; many nodes must be able to write to it.',
        ),
        subPath: subPath.optional().describe('Folder of the volume that lies at `path`.'),
      }),
      z.strictObject({
        hostPath: mountPath.describe('Folder of the node. For a cluster of one node: no other one has it.'),
      }),
    ])
    .describe('The volume that pods find the folder on.'),
  user: z
    .number()
    .int()
    .min(1)
    .default(1000)
    .describe('User and group of the pods, by number: those of the workers, who own the folder.'),
  keepFinished: durationSchema
    .prefault('1d')
    .describe('Time after which the cluster removes a finished Job. Its directory is kept.'),
});

export const kubernetesSettingsSchema = z.strictObject({
  kubeconfig: z
    .string()
    .optional()
    .describe(
      "File, relative to the project. Unless given, the pod's own account inside of a cluster, and outside KUBECONFIG or ~/.kube/config.",
    ),
  context: z.string().optional().describe('Context of the kubeconfig; its current one unless given.'),
  namespace: labelName.describe('Namespace of the Jobs.'),
  deployment: labelValue
    .min(1)
    .optional()
    .describe(
      "Label of all Jobs that are this environment's; its name unless given. Who shares a namespace needs labels that differ.",
    ),
  image: imageSchema.describe('Image that trains where a pipeline names none.'),
  jobs: jobsFolderSchema,
  serviceAccount: objectName
    .optional()
    .describe("Account of the pods; the namespace's default one unless given."),
  unschedulableAfter: durationSchema
    .prefault('15m')
    .describe('A pod that finds no node for so long is an alert.'),
  template: jobTemplateSchema
    .omit({ image: true, serviceAccount: true })
    .optional()
    .describe(
      "What every Job gets, unless the pipeline says otherwise: the same keys as a pipeline's `training.kubernetes`.",
    ),
});
/** The cluster of an environment, with defaults filled in. */
export type KubernetesSettings = z.infer<typeof kubernetesSettingsSchema>;
