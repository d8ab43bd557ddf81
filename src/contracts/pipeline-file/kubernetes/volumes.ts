/** Volumes of a training container. */
import { z } from 'zod';
import { labelName, mountPath, objectName, quantity, subPath } from './names';

/** Names that Millrace gives to volumes of its own. */
export const OWN_VOLUMES = { jobs: 'millrace-jobs', sharedMemory: 'millrace-shared-memory' } as const;
/** Where shared memory lies in a container. */
export const SHARED_MEMORY_PATH = '/dev/shm';

const mounted = {
  mountPath: mountPath.describe('Folder in the container.'),
  subPath: subPath
    .optional()
    .describe('Folder or file of the volume that is mounted; the whole of it unless given.'),
};

const volumeSchema = z.union([
  z.strictObject({
    claim: objectName.describe('A PersistentVolumeClaim of the namespace.'),
    readOnly: z.boolean().default(false),
    ...mounted,
  }),
  z.strictObject({
    secret: objectName.describe('A Secret of the namespace: one file for each key, read-only.'),
    ...mounted,
  }),
  z.strictObject({
    emptyDir: z
      .strictObject({
        sizeLimit: quantity.optional(),
        medium: z.literal('Memory').optional().describe('Memory of the node, counted as memory of the job.'),
      })
      .describe('A folder that lives as long as the pod.'),
    ...mounted,
  }),
]);
/** A volume, and where it is mounted. */
export type JobVolume = z.infer<typeof volumeSchema>;

/** Name → volume. */
export const jobVolumesSchema = z.record(labelName, volumeSchema).superRefine((volumes, context) => {
  const seen = new Map<string, string>();
  for (const [name, volume] of Object.entries(volumes)) {
    const refuse = (message: string): void =>
      context.addIssue({ code: 'custom', path: [name, 'mountPath'], message });
    if (Object.values<string>(OWN_VOLUMES).includes(name))
      context.addIssue({ code: 'custom', path: [name], message: `${name} is a volume of Millrace's own` });
    if (volume.mountPath === SHARED_MEMORY_PATH)
      refuse(`give the size of ${SHARED_MEMORY_PATH} as sharedMemory: 8Gi`);
    const other = seen.get(volume.mountPath);
    if (other !== undefined) refuse(`the volume ${other} is mounted there, too`);
    seen.set(volume.mountPath, name);
  }
});
