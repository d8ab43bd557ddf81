/** The step of a backfill: which partitions are next. */
import { z } from 'zod';
import { backfillSelectionSchema } from '../backfill';

/** Partitions that one look may name: some kilobytes of history. */
export const PARTITIONS_A_LOOK = 50;

/** Finds the next partitions to run, by what the ledger knows at this moment. Reads only. */
export const planBackfillInputSchema = backfillSelectionSchema.extend({
  /** Nominal date of the last partition that was looked at. */
  after: z.string().optional(),
  limit: z.number().int().min(1).max(PARTITIONS_A_LOOK).default(PARTITIONS_A_LOOK),
});
export type PlanBackfillInput = z.input<typeof planBackfillInputSchema>;

export const planBackfillOutputSchema = z.object({
  /** Partitions of the whole range. */
  total: z.number().int().nonnegative(),
  due: z.array(
    z.object({
      nominalDate: z.string(),
      date: z.string(),
      /** Goes into the run's id where a run has ended well under the plain one, which Temporal gives to no other then. */
      again: z.string().optional(),
    }),
  ),
  /** Partitions among those looked at that the mode leaves out. */
  skipped: z.number().int().nonnegative(),
  /** Nominal date of the last one looked at; absent at the end of the range. */
  after: z.string().optional(),
});
export type PlanBackfillOutput = z.infer<typeof planBackfillOutputSchema>;
