import type { PipelineActivities } from '../../contracts/activity-interfaces';
import { resolvePipeline, type PipelineActivityDependencies } from './resolve-pipeline';

export type { PipelineActivityDependencies } from './resolve-pipeline';

/** Reading the pipeline file: queue `millrace-services`. */
export function createPipelineActivities(dependencies: PipelineActivityDependencies): PipelineActivities {
  return { resolvePipeline: (input) => resolvePipeline(dependencies, input) };
}
