/** The workflows by the names that Temporal knows them by: those of the functions that `src/workflows/index.ts` exports. Open runs bear them. */
export const WORKFLOW_TYPES = {
  trainingPipeline: 'trainingPipeline',
  trainCandidate: 'trainCandidate',
  modelRelease: 'modelRelease',
  resourcePool: 'resourcePool',
  scheduledRun: 'scheduledRun',
  backfill: 'backfill',
} as const;
/** Name of a workflow of Millrace's own. */
export type WorkflowType = (typeof WORKFLOW_TYPES)[keyof typeof WORKFLOW_TYPES];
