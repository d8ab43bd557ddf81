/** Inputs and outputs of the activities of the model's owner. */
import { z } from 'zod';
import { releaseRequestSchema, releaseUpdateSchema } from '../release';

/** Signals (and starts, if need be) the model's owner with a request. Idempotent by request id. */
export const submitReleaseInputSchema = z.object({ request: releaseRequestSchema });
export type SubmitReleaseInput = z.infer<typeof submitReleaseInputSchema>;

/** Finds or creates model and version, tags it and gives it the alias `challenger`. */
export const registerVersionInputSchema = z.object({ request: releaseRequestSchema });
export type RegisterVersionInput = z.infer<typeof registerVersionInputSchema>;
export const registerVersionOutputSchema = z.object({
  version: z.string(),
  championVersion: z.string().nullable(),
});
export type RegisterVersionOutput = z.infer<typeof registerVersionOutputSchema>;

export const modelVersionInputSchema = z.object({ model: z.string(), version: z.string() });
export type ModelVersionInput = z.infer<typeof modelVersionInputSchema>;

/** Starts the version beside the serving one and meets it with real held-out rows. @throws SMOKE_TEST_FAILED; nothing was switched then. */
export const stageDeploymentInputSchema = z.object({ request: releaseRequestSchema, version: z.string() });
export type StageDeploymentInput = z.infer<typeof stageDeploymentInputSchema>;
export const stageDeploymentOutputSchema = z.object({
  deploymentId: z.string(),
  checkedRows: z.number().int(),
});
export type StageDeploymentOutput = z.infer<typeof stageDeploymentOutputSchema>;

/** Turns the endpoint to the staged version; a repeat changes nothing. */
export const switchDeploymentInputSchema = z.object({
  model: z.string(),
  version: z.string(),
  deploymentId: z.string(),
});
export type SwitchDeploymentInput = z.infer<typeof switchDeploymentInputSchema>;
export const switchDeploymentOutputSchema = z.object({ endpoint: z.string() });
export type SwitchDeploymentOutput = z.infer<typeof switchDeploymentOutputSchema>;

/** Sends a {@link ReleaseUpdate} to the waiting run; a run that is gone is no error. */
export const tellRunInputSchema = z.object({ workflowId: z.string(), update: releaseUpdateSchema });
export type TellRunInput = z.infer<typeof tellRunInputSchema>;
