import { datasetInputMessage, type DatasetInput } from '../entities/dataset';
import { endpoints } from '../generated/endpoints';
import type { Call } from '../transport/call';
import type { CallOptions } from '../transport/options';

/** What runs read and produced: data sets and logged models. Every method throws `MlflowError`. */
export type Lineage = ReturnType<typeof createLineage>;

export interface RunInputs {
  readonly runId: string;
  readonly datasets?: readonly DatasetInput[] | undefined;
  /** Ids of logged models. */
  readonly models?: readonly string[] | undefined;
}

export interface RunOutputs {
  readonly runId: string;
  readonly models: readonly { readonly modelId: string; readonly step?: number | undefined }[];
}

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

    /** Says which logged models a run produced. */
    async logOutputs(outputs: RunOutputs, options?: CallOptions): Promise<void> {
      await call(
        endpoints.logOutputs,
        {
          run_id: outputs.runId,
          models: outputs.models.map(({ modelId, step }) => ({ model_id: modelId, step: step ?? 0 })),
        },
        options,
      );
    },
  };
}
