/** The volumes of a training pod, and where its container has them. Pure. */
import { posix } from 'node:path';
import type { V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import { MillraceError } from '../../../contracts/errors';
import { OWN_VOLUMES, SHARED_MEMORY_PATH, type JobVolume } from '../../../contracts/pipeline-file';
import type { JobManifestRequest } from './attempt';

/** A volume and its one mount. */
export interface MountedVolume {
  readonly volume: V1Volume;
  readonly mount: V1VolumeMount;
}

/** Files of Secrets are for the group of the pod, and nobody writes them. */
const SECRET_MODE = 0o440;

/**
 * The job directory, shared memory, and the template's volumes. Of the folder of the jobs a pod sees its own directory alone, at the path where the worker has it.
 * @throws INTERNAL when the job directory does not lie below that folder, PIPELINE_FILE_INVALID when a volume would lie over or below it.
 */
export function mountedVolumes({ settings, template, attempt }: JobManifestRequest): MountedVolume[] {
  for (const [name, { mountPath }] of Object.entries(template.volumes))
    if (contains(mountPath, attempt.directory) || contains(attempt.directory, mountPath))
      throw new MillraceError(
        'PIPELINE_FILE_INVALID',
        `the volume ${name} would lie over the job directory, below ${settings.jobs.path}`,
        { mend: 'mount it at another path' },
      );
  return [
    jobDirectory(settings.jobs, attempt.directory),
    ...(template.sharedMemory === undefined ? [] : [sharedMemory(template.sharedMemory)]),
    ...Object.entries(template.volumes).map(([name, volume]) => ({
      volume: { name, ...sourceOf(volume) },
      mount: mountOf(name, volume),
    })),
  ];
}

function jobDirectory(jobs: JobManifestRequest['settings']['jobs'], directory: string): MountedVolume {
  const below = posix.relative(jobs.path, directory);
  if (below === '' || below.startsWith('..') || posix.isAbsolute(below))
    throw new MillraceError('INTERNAL', 'a job directory lies outside the folder of the jobs', {
      where: directory,
    });
  const name = OWN_VOLUMES.jobs;
  const { volume } = jobs;
  return 'claim' in volume
    ? {
        volume: { name, persistentVolumeClaim: { claimName: volume.claim } },
        mount: { name, mountPath: directory, subPath: posix.join(volume.subPath ?? '', below) },
      }
    : {
        volume: { name, hostPath: { path: volume.hostPath, type: 'Directory' } },
        mount: { name, mountPath: directory, subPath: below },
      };
}

function sharedMemory(size: string): MountedVolume {
  const name = OWN_VOLUMES.sharedMemory;
  return {
    volume: { name, emptyDir: { medium: 'Memory', sizeLimit: size } },
    mount: { name, mountPath: SHARED_MEMORY_PATH },
  };
}

function sourceOf(volume: JobVolume): Omit<V1Volume, 'name'> {
  if ('claim' in volume)
    return {
      persistentVolumeClaim: { claimName: volume.claim, ...(volume.readOnly && { readOnly: true }) },
    };
  if ('secret' in volume) return { secret: { secretName: volume.secret, defaultMode: SECRET_MODE } };
  const { sizeLimit, medium } = volume.emptyDir;
  return { emptyDir: { ...(sizeLimit !== undefined && { sizeLimit }), ...(medium && { medium }) } };
}

function mountOf(name: string, volume: JobVolume): V1VolumeMount {
  const readOnly = 'secret' in volume || ('claim' in volume && volume.readOnly);
  return {
    name,
    mountPath: volume.mountPath,
    ...(volume.subPath !== undefined && { subPath: volume.subPath }),
    ...(readOnly && { readOnly }),
  };
}

/** Whether `path` is `folder` or lies below it. */
function contains(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
