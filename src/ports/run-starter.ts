import type { TrainingPipelineInput } from '../contracts/runs';

/** Starts runs under ids that are given. */
export interface RunStarter {
  /**
   * Starts `trainingPipeline` under this id unless a workflow has ever had it. @returns the run id of the execution that has the id, and whether it
   * is a new one. @throws TEMPORAL_UNAVAILABLE when it is not known whether the start was taken: ask again; EVENT_REFUSED for an input that is too large.
   */
  startOnce(start: {
    readonly workflowId: string;
    readonly input: TrainingPipelineInput;
    /** One line for Temporal's UI. */
    readonly summary: string;
  }): Promise<{ readonly runId: string; readonly started: boolean }>;
}
