/** Inputs and outputs of the report, notification and ledger activities. */
import { z } from 'zod';
import { artifactRefSchema } from '../artifacts';
import { runStatusSchema } from '../runs';

/** References that the report reads; all but the spec may be missing when a run ended early. */
export const runArtifactsSchema = z.object({
  spec: artifactRefSchema,
  acquired: artifactRefSchema.optional(),
  /** The table that a Python function made. */
  made: artifactRefSchema.optional(),
  dataset: artifactRefSchema.optional(),
  profile: artifactRefSchema.optional(),
  quality: artifactRefSchema.optional(),
  features: artifactRefSchema.optional(),
  split: artifactRefSchema.optional(),
  leakage: artifactRefSchema.optional(),
  holdout: artifactRefSchema.optional(),
  /** Candidate → its evaluation. */
  evaluations: z.record(z.string(), artifactRefSchema).default({}),
});
export type RunArtifacts = z.infer<typeof runArtifactsSchema>;

/** Gate reasons as the report prints them. */
export const gateReasonSchema = z.object({
  passed: z.boolean(),
  /** There was nothing to judge: passed, but not by merit. */
  skipped: z.boolean().optional(),
  text: z.string(),
});

/** Writes the report and the run's summary into the ledger. Artifact (step report): `report.html`, `summary.json`. */
export const writeReportInputSchema = z.object({
  status: runStatusSchema,
  artifacts: runArtifactsSchema,
  gate: z.object({ passed: z.boolean(), reasons: z.array(gateReasonSchema) }).optional(),
  /** How often, this run included, this hold-out has gated; absent when it did not. */
  timesGated: z.number().int().optional(),
  startedAt: z.string(),
  endedAt: z.string(),
});
export type WriteReportInput = z.infer<typeof writeReportInputSchema>;
export const writeReportOutputSchema = z.object({ artifact: artifactRefSchema, path: z.string() });
export type WriteReportOutput = z.infer<typeof writeReportOutputSchema>;

/** Records how a run ended in the ledger (runs outlive Temporal's retention), and sends what `notify` asks for, once each. */
export const announceRunInputSchema = z.object({
  status: runStatusSchema,
  spec: artifactRefSchema.optional(),
  event: z.enum([
    'failed',
    'rejected',
    'deployed',
    'registered',
    'awaitingApproval',
    'cancelled',
    'sla',
    'unchanged',
    'published',
    'stopped',
  ]),
  startedAt: z.string(),
  endedAt: z.string().optional(),
});
export type AnnounceRunInput = z.infer<typeof announceRunInputSchema>;
