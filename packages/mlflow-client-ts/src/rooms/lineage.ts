import { datasetInputMessage, type DatasetInput } from '../entities/dataset';
import { isMlflowError, isRowTaken } from '../errors';
import { endpoints } from '../generated/endpoints';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';

/** What runs read and produced: data sets and logged models. Every method throws `MlflowError`. */
export type Lineage = ReturnType<typeof createLineage>;

/** What went into a run. */
export interface RunInputs {
  readonly runId: string;
  readonly datasets?: readonly DatasetInput[] | undefined;
  /** Ids of logged models. */
  readonly models?: readonly string[] | undefined;
}

/** What came out of a run. */
export interface RunOutputs {
  readonly runId: string;
  readonly models: readonly { readonly modelId: string; readonly step?: number | undefined }[];
}

/** Builds {@link Lineage}. */
export function createLineage(call: Call) {
  return {
    /** Says what a run read. A data set with the same name and digest is the same one, so twice is once. */
    async logInputs(inputs: RunInputs, options?: CallOptions): Promise<void> {
      await call(
        endpoints.logInputs,
        {
          run_id: inputs.runId,
          datasets: (inputs.datasets ?? []).map(datasetInputMessage),
          models: (inputs.models ?? []).map((model_id) => ({ model_id })),
        },
        options,
      );
    },

    /** Says which logged models a run produced. Twice is once: MLflow refuses a batch with an output that it knows, and gets them singly then. */
    async logOutputs({ runId, models }: RunOutputs, options?: CallOptions): Promise<void> {
      const log = async (some: RunOutputs['models']): Promise<boolean> => {
        const message = some.map(({ modelId, step }) => ({ model_id: modelId, step: step ?? 0 }));
        try {
          await call(endpoints.logOutputs, { run_id: runId, models: message }, options);
          return true;
        } catch (error) {
          if (isMlflowError(error) && isRowTaken(error.errorCode, error.message)) return false;
          throw error;
        }
      };
      if ((await log(models)) || models.length === 1) return;
      for (const model of models) await log([model]);
    },
  };
}
