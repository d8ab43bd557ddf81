/** Names and quantities as Kubernetes takes them. */
import { z } from 'zod';

/** Name of a Secret, a claim, a service account, a priority class: a DNS subdomain. */
export const objectName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/,
    'use a name of Kubernetes: lower-case letters, digits, hyphens and dots, starting and ending with a letter or digit',
  );

/** Name of a namespace or of a volume: a DNS label. */
export const labelName = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'use lower-case letters, digits and hyphens, at most 63, starting and ending with a letter or digit',
  );

/** Value of a label. */
export const labelValue = z
  .string()
  .regex(
    /^([A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?)?$/,
    'use letters, digits, hyphens, dots and underscores, at most 63, starting and ending with a letter or digit',
  );

/** Key of a label, a taint or a resource: `disktype`, `nvidia.com/gpu.product`. */
export const qualifiedName = z
  .string()
  .regex(
    /^([a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$/,
    'use a name such as disktype or example.com/disktype',
  );

/** `500m`, `2`, `16Gi`: kept as it is written. */
export const quantity = z
  .union([
    z.number().nonnegative(),
    z
      .string()
      .regex(
        /^\d+(\.\d+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?$/,
        'write a quantity as Kubernetes does: 2, 500m, 16Gi',
      ),
  ])
  .transform(String);

/** A folder inside the container. */
export const mountPath = z
  .string()
  .regex(/^(\/(?!\.{1,2}(\/|$))[^/:]+)+$/, 'write an absolute path such as /data, without a colon, . or ..');

/** A folder within a volume. */
export const subPath = z
  .string()
  .regex(/^(?!\.{1,2}(\/|$))[^/]+(\/(?!\.{1,2}(\/|$))[^/]+)*$/, 'write a path within the volume, without ..');
