/** Which partitions a backfill has left to do, by the ledger: it knows runs that Temporal has long forgotten. */
import {
  instantText,
  newestOf,
  partitionsOf,
  serves,
  shallRun,
  wasOpen,
  type BackfillSelection,
  type NominalRun,
  type Partition,
  type PartitionRange,
} from '../../contracts/backfill';
import { digestOf } from '../../contracts/digest';
import { backfillRunIdFor } from '../../contracts/ids';
import {
  planBackfillInputSchema,
  planBackfillOutputSchema,
  type PlanBackfillInput,
  type PlanBackfillOutput,
} from '../../contracts/steps';
import type { Ledger } from '../../ports/ledger';
import type { RunDirectory } from '../../ports/run-directory';

/** Where runs are known. */
export interface BackfillDependencies {
  readonly ledger: Pick<Ledger, 'listNominalRuns'>;
  /** Asked about runs whose end the ledger has not seen: a run that is terminated cannot tell of it. Without it they count as open. */
  readonly runs?: RunDirectory;
  /** The partitions of a range; {@link partitionsOf}, or one that remembers. */
  readonly partitions?: (range: PartitionRange) => readonly Partition[];
}

/** One partition, and what the mode makes of it. */
export interface PartitionPlan extends Partition {
  readonly due: boolean;
  /** See {@link PlanBackfillOutput}. */
  readonly again?: string;
  /** Its newest run. */
  readonly newest?: NominalRun;
}

/** Partitions that one question to the ledger covers. */
const CHUNK = 500;

/** The partitions of a selection in order, each as it stands when its chunk is asked for. @throws USAGE, LEDGER_UNAVAILABLE. */
export async function* planPartitions(
  { ledger, runs: directory }: Pick<BackfillDependencies, 'ledger' | 'runs'>,
  { pipeline, mode }: Pick<BackfillSelection, 'pipeline' | 'mode'>,
  partitions: readonly Partition[],
): AsyncGenerator<PartitionPlan> {
  for (let start = 0; start < partitions.length; start += CHUNK) {
    const chunk = partitions.slice(start, start + CHUNK);
    const [first, last] = [chunk[0], chunk.at(-1)];
    if (!first || !last) return;
    const runs = Map.groupBy(
      await ledger.listNominalRuns({ pipeline, from: first.nominalDate, to: last.nominalDate }),
      ({ nominalDate }) => nominalDate,
    );
    for (const partition of chunk) {
      const known = await asTheyStand(runs.get(instantText(partition.nominalDate)) ?? [], directory);
      const newest = newestOf(known);
      const due = shallRun(mode, known);
      const again = due && mode === 'failed' ? againAfter(known, pipeline, partition) : undefined;
      yield { ...partition, due, ...(again !== undefined && { again }), ...(newest && { newest }) };
    }
  }
}

/** The runs with the outcomes that they have by now. What nobody knows the end of serves nothing. */
function asTheyStand(
  known: readonly NominalRun[],
  directory: RunDirectory | undefined,
): Promise<NominalRun[]> {
  return Promise.all(
    known.map(async (run) => {
      const { workflowId, outcome } = run;
      if (!directory || !wasOpen(outcome) || (await directory.isOpen(workflowId))) return run;
      const end = await directory.endOf(workflowId);
      return { ...run, outcome: END_OUTCOMES[end?.how ?? 'stopped'] };
    }),
  );
}

/** Outcomes of runs that ended and could not say how. */
const END_OUTCOMES = { completed: 'done', failed: 'failed', stopped: 'cancelled' } as const;

/**
 * Where the partition's own id has ended well, and another run for its date has failed since (by hand, on its schedule): a name for one more that depends on
 * that failure alone, so that two backfills that see it start one run.
 */
function againAfter(
  known: readonly NominalRun[],
  pipeline: string,
  { nominalDate }: Partition,
): string | undefined {
  const own = backfillRunIdFor(pipeline, nominalDate);
  if (!known.some(({ workflowId, outcome }) => workflowId === own && serves(outcome))) return undefined;
  const { workflowId, startedAt } = newestOf(known) ?? {};
  return digestOf({ workflowId, startedAt }).slice(0, 8);
}

/** See {@link planBackfillInputSchema}. @throws USAGE, LEDGER_UNAVAILABLE. */
export async function planBackfill(
  dependencies: BackfillDependencies,
  rawInput: PlanBackfillInput,
): Promise<PlanBackfillOutput> {
  const { after, limit, ...selection } = planBackfillInputSchema.parse(rawInput);
  const all = (dependencies.partitions ?? partitionsOf)(selection.range);
  const begin = after === undefined ? undefined : instantText(after);
  const rest = begin === undefined ? all : all.filter(({ nominalDate }) => instantText(nominalDate) > begin);
  const due: PlanBackfillOutput['due'] = [];
  let looked = 0;
  for await (const plan of planPartitions(dependencies, selection, rest)) {
    looked += 1;
    const { nominalDate, date, again } = plan;
    if (plan.due) due.push({ nominalDate, date, ...(again !== undefined && { again }) });
    if (due.length >= limit) break;
  }
  const last = looked < rest.length ? rest[looked - 1] : undefined;
  return planBackfillOutputSchema.parse({
    total: all.length,
    due,
    skipped: looked - due.length,
    ...(last && { after: last.nominalDate }),
  });
}
