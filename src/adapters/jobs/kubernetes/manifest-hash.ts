/** What of a Job must be equal for it to be the same one. */
import type { V1Job } from '@kubernetes/client-node';
import { digestOf } from '../../../contracts/digest';

/** Annotation that carries {@link specHashOf}. */
export const SPEC_HASH_ANNOTATION = 'millrace.dev/spec-hash';
/** Annotation that names the lease of a pool under which an attempt was started, for people. */
export const LEASE_ANNOTATION = 'millrace.dev/lease';

/**
 * SHA-256, in lower-case hexadecimal, of a manifest as Millrace made it, without the annotation of that hash, and without the lease: an attempt is the same
 * under whichever grant a worker comes back to it. It is not to be taken of what the server returns, who fills in defaults: compare annotations.
 */
export function specHashOf(manifest: V1Job): string {
  const { [SPEC_HASH_ANNOTATION]: hash, [LEASE_ANNOTATION]: lease, ...annotations } = annotationsOf(manifest);
  return digestOf({ ...manifest, metadata: { ...manifest.metadata, annotations } });
}

/** The manifest with its hash written on it. */
export function withSpecHash(manifest: V1Job): V1Job {
  const annotations = { ...annotationsOf(manifest), [SPEC_HASH_ANNOTATION]: specHashOf(manifest) };
  return { ...manifest, metadata: { ...manifest.metadata, annotations } };
}

function annotationsOf({ metadata }: V1Job): Record<string, string> {
  return metadata?.annotations ?? {};
}
