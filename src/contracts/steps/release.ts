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

/** Reads the alias `champion`. */
export const readChampionInputSchema = z.object({ model: z.string() });
export type ReadChampionInput = z.infer<typeof readChampionInputSchema>;
export const readChampionOutputSchema = z.object({ championVersion: z.string().nullable() });
export type ReadChampionOutput = z.infer<typeof readChampionOutputSchema>;

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

/** The same for a version that a person promotes: everything is read from the version's tags, or else from its logged model. @throws MODEL_NOT_FOUND, SMOKE_TEST_FAILED. */
export const stageVersionInputSchema = modelVersionInputSchema.extend({ promotionId: z.string() });
export type StageVersionInput = z.infer<typeof stageVersionInputSchema>;
export const stageVersionOutputSchema = stageDeploymentOutputSchema.extend({
  /** False for a model whose pipeline deploys nowhere: it is only tried, and gets the alias. */
  served: z.boolean(),
});
export type StageVersionOutput = z.infer<typeof stageVersionOutputSchema>;

/** Turns the endpoint to the staged version; a repeat changes nothing. */
export const switchDeploymentInputSchema = z.object({
  model: z.string(),
  version: z.string(),
  deploymentId: z.string(),
});
export type SwitchDeploymentInput = z.infer<typeof switchDeploymentInputSchema>;
export const switchDeploymentOutputSchema = z.object({ endpoint: z.string() });
export type SwitchDeploymentOutput = z.infer<typeof switchDeploymentOutputSchema>;

/** One deployment: `completeDeployment` stops all others of the model, `discardDeployment` makes as if this one had never been. */
export const deploymentInputSchema = z.object({ model: z.string(), deploymentId: z.string() });
export type DeploymentInput = z.infer<typeof deploymentInputSchema>;

/** Sends a {@link ReleaseUpdate} to the waiting run; a run that is gone is no error. */
export const tellRunInputSchema = z.object({ workflowId: z.string(), update: releaseUpdateSchema });
export type TellRunInput = z.infer<typeof tellRunInputSchema>;
