/** What starts `screenThenTrain`. */
import { trainingPipelineInputSchema } from 'millrace/contracts';
import { z } from 'zod';

/** Everything of `trainingPipeline`, less what would contradict the two rounds, and the size of the rounds. */
export const screenThenTrainInputSchema = trainingPipelineInputSchema
  .omit({ sample: true, from: true, until: true })
  .extend({
    /** About so many rows are screened. */
    sampleRows: z.number().int().positive().default(2000),
    /** So many candidates go on to all rows. */
    finalists: z.number().int().positive().default(2),
  });
/** See the schema. */
export type ScreenThenTrainInput = z.input<typeof screenThenTrainInputSchema>;
