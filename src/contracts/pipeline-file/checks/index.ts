/** Checks across the sections of a pipeline file, after each section is valid by itself. Pure. */
import type { Problem } from '../../file-problems';
import { unsupportedKeys, type PipelineSpec } from '../index';
import { checkArrivals } from './arrivals';
import { checkCandidates } from './candidates';
import { checkSourcesAndQuality, checkTrainingData } from './data';
import { checkEvaluation, checkRelease } from './evaluation';
import { checkFeatureCode } from './feature-code';
import { checkKind } from './kind';
import { checkCluster, checkKubernetes } from './kubernetes';
import { checkPool } from './pools';
import { checkSchedule } from './starts';
import { checkUpstream } from './upstream';
import type { CheckContext, Refuse } from './context';

export type { CheckContext } from './context';
export { formatOf } from './data';
export { writtenTask } from './evaluation';

/** Every disagreement between sections, a pool (POOL_UNKNOWN) or a cluster (KUBERNETES_CONFIG) that is not there, and everything this version cannot do yet (NOT_SUPPORTED_YET). Paths are of the file as written. */
export function checkPipeline(spec: PipelineSpec, context: CheckContext): Problem[] {
  const problems: Problem[] = [];
  const refuse: Refuse = (path, message, at = 'value') =>
    void problems.push({ path, at, code: 'PIPELINE_FILE_INVALID', message });
  const kind = checkKind(spec, context, refuse);
  checkSchedule(spec, refuse);
  checkArrivals(spec, refuse);
  checkUpstream(spec, refuse);
  checkSourcesAndQuality(spec, refuse);
  if (kind !== undefined) checkFeatureCode(spec, kind, refuse);
  if (kind === 'training') {
    checkTrainingData(spec, refuse);
    checkCandidates(spec, refuse);
    checkKubernetes(spec, refuse);
    checkEvaluation(spec, refuse);
  }
  checkRelease(spec, context, refuse);
  problems.push(...checkPool(spec, context), ...checkCluster(spec, context));
  for (const { path, reason } of unsupportedKeys(spec))
    problems.push({ path, at: 'key', code: 'NOT_SUPPORTED_YET', message: reason });
  return problems;
}
