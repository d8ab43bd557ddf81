/** The pool that a pipeline's training jobs take leases of. */
import { MillraceError } from '../../contracts/errors';
import type { PipelineSpec } from '../../contracts/pipeline-file';
import type { ResolvedRun } from '../../contracts/runs';

/** Pool and units by candidate; nothing where the file names no pool. @throws POOL_UNKNOWN when there is none, or it has too few units. */
export function poolOf(
  { name: pipeline, training, candidates }: Pick<PipelineSpec, 'name' | 'training' | 'candidates'>,
  environment: { readonly name: string; readonly pools?: Readonly<Record<string, number>> },
): Pick<ResolvedRun, 'pool'> {
  const { pool } = training;
  if (pool === undefined) return {};
  const { pools = {}, name } = environment;
  const limit = Object.hasOwn(pools, pool) ? pools[pool] : undefined;
  if (limit === undefined)
    throw new MillraceError('POOL_UNKNOWN', `The environment ${name} has no pool ${pool}.`, {
      where: `${pipeline}: training.pool`,
      mend: `add it to environments.${name}.pools in millrace.yaml${Object.keys(pools).length === 0 ? '' : `, or name one of ${Object.keys(pools).join(', ')}`}`,
    });
  const units = Object.fromEntries(
    candidates.map((candidate) => [candidate.name, Math.max(1, candidate.resources.gpu ?? 1)]),
  );
  const [most, needed] = Object.entries(units).reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  if (needed > limit)
    throw new MillraceError(
      'POOL_UNKNOWN',
      `The candidate ${most} asks for ${needed} units of the pool ${pool}, which has ${limit}.`,
      {
        where: `${pipeline}: candidates.${most}.resources.gpu`,
        mend: `ask for fewer, or raise environments.${name}.pools.${pool} in millrace.yaml`,
      },
    );
  // One is the rule, and left out: a hundred candidates must fit into one small payload.
  const exceptions = Object.fromEntries(Object.entries(units).filter(([, count]) => count !== 1));
  return { pool: { name: pool, units: exceptions, limit: { units: limit, asOf: new Date().toISOString() } } };
}
