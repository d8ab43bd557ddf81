/** What the report reads of the summaries that steps leave in their manifests. */
import { z } from 'zod';

/** Of step split. */
export const splitSummarySchema = z.object({
  train: z.number(),
  validation: z.number(),
  holdout: z.number(),
  dropped: z.number(),
  byTime: z.boolean().default(false),
});

/** Of any step that says warnings. */
export const warningsSchema = z.object({ warnings: z.array(z.string()).default([]) });
