import type { PipelineActivities } from '../../contracts/activity-interfaces';
import type { Ledger } from '../../ports/ledger';
import { noteBegin } from './note-begin';
import { resolvePipeline, type PipelineActivityDependencies } from './resolve-pipeline';

export type { PipelineActivityDependencies } from './resolve-pipeline';

/** Reading the pipeline file: queue `millrace-services`. */
export function createPipelineActivities(
  dependencies: PipelineActivityDependencies & { readonly ledger: Pick<Ledger, 'recordRun'> },
): PipelineActivities {
  return {
    async resolvePipeline(input) {
      const resolved = await resolvePipeline(dependencies, input);
      await noteBegin(dependencies.ledger, input, resolved.pipeline);
      return resolved;
    },
  };
}
