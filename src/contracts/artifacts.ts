/** Content-addressed artifacts: what a step's key is made of, and the manifest that its output leaves. */
import { z } from 'zod';
import { digestOf } from './digest';

/** The steps whose outputs are cached. A name is part of every key; changing one makes all its artifacts new. */
export const STEP_NAMES = [
  'acquire',
  'dataset',
  'profile',
  'quality',
  'features',
  'leakage',
  'split',
  'train',
  'score',
  'evaluate',
  'report',
  'spec',
  'published',
  'tables',
  'build',
] as const;
/** One of them. */
export const stepNameSchema = z.enum(STEP_NAMES);
export type StepName = (typeof STEP_NAMES)[number];

/** Hexadecimal SHA-256. */
export const digestSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** What a step's output depends on, whole: nothing else may change it. */
export interface StepIdentity {
  readonly step: StepName;
  /** Digest of the step's own code. */
  readonly code: string;
  /** Parameters, defaults filled in. */
  readonly params: unknown;
  /** Content digests of the inputs by role. */
  readonly inputs: Readonly<Record<string, string>>;
  /** For a job: digest of the user's code, and of the locked environment or image. */
  readonly userCode?: string;
  readonly environment?: string;
}

/** The key under which a step's output lives: SHA-256 of its identity. */
export function stepKeyFor(identity: StepIdentity): string {
  return digestOf({ ...identity });
}

/** A reference to one committed step output: small, so that it can travel through Temporal's history. */
export const artifactRefSchema = z.object({
  step: stepNameSchema,
  key: digestSchema,
  /** Digest over the names and bytes of all files: what the next step's key takes as its input. */
  digest: digestSchema,
});
export type ArtifactRef = z.infer<typeof artifactRefSchema>;

/** `manifest.json` of a step output; written last, and the first one wins. */
export const manifestSchema = z.object({
  version: z.literal(1),
  step: stepNameSchema,
  key: digestSchema,
  digest: digestSchema,
  /** Files by path relative to the output's folder. */
  files: z.record(z.string(), z.object({ sha256: digestSchema, bytes: z.number().int().nonnegative() })),
  /** What went in: role → digest of the artifact it was (lineage). */
  inputs: z.record(z.string(), z.string()),
  /** The step's small result: what the activity returned beside the reference. */
  summary: z.unknown(),
  /** ISO 8601, UTC. */
  createdAt: z.string(),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Digest of an output: SHA-256 over the names, digests and sizes of its files. Every store must compute it the same way. */
export function contentDigestOf(files: Manifest['files']): string {
  return digestOf(files);
}
