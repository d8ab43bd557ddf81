import type { BackfillActivities } from '../../contracts/activity-interfaces';
import { partitionsOf, type Partition, type PartitionRange } from '../../contracts/backfill';
import { canonicalJson } from '../../contracts/digest';
import { planBackfill, type BackfillDependencies } from './plan-backfill';

export { planPartitions, type BackfillDependencies, type PartitionPlan } from './plan-backfill';

/** What a backfill asks: queue `millrace-services`. */
export function createBackfillActivities({
  ledger,
  runs,
}: Required<Pick<BackfillDependencies, 'ledger' | 'runs'>>): BackfillActivities {
  const dependencies = { ledger, runs, partitions: rememberLast() };
  return { planBackfill: (input) => planBackfill(dependencies, input) };
}

/** A long range is asked for page by page; counting it out anew each time would take seconds. */
function rememberLast(): (range: PartitionRange) => readonly Partition[] {
  let last: { key: string; partitions: readonly Partition[] } | undefined;
  return (range) => {
    const key = canonicalJson(range);
    if (last?.key !== key) last = { key, partitions: partitionsOf(range) };
    return last.partitions;
  };
}
