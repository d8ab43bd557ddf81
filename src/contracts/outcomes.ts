/** How a run can end. */
import { z } from 'zod';

/** Only `failed` fails the workflow. */
export const OUTCOMES = [
  'deployed',
  'registered',
  'unchanged',
  'published',
  'rejected',
  'cancelled',
  'failed',
  'stopped',
] as const;
/** How a run ended. `failed` fails the workflow; `stopped` ended after `--until STAGE`; `published` is the good end of a pipeline that makes a data set. */
export const outcomeSchema = z.enum(OUTCOMES);
export type Outcome = (typeof OUTCOMES)[number];
