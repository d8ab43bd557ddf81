/** The pool that a pipeline's training takes units of. */
import { didYouMean, type Problem } from '../../file-problems';
import type { PipelineSpec } from '../index';
import type { CheckContext } from './context';

/** `training.pool` against the environment's pools: POOL_UNKNOWN. How many units a candidate needs is seen when a run begins. */
export function checkPool({ training: { pool } }: PipelineSpec, { pools }: CheckContext): Problem[] {
  if (pool === undefined || pools === undefined || Object.hasOwn(pools, pool)) return [];
  const message = `the environment has no pool ${pool}${didYouMean(pool, Object.keys(pools))}`;
  return [{ path: ['training', 'pool'], at: 'value', code: 'POOL_UNKNOWN', message }];
}
