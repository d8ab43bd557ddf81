/** `backfill`, `backfill list`, `backfill show`, `backfill cancel`. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { planPartitions, type PartitionPlan } from '../../activities/backfill';
import { openLedger } from '../../adapters/ledger/open';
import { createPipelineCatalog } from '../../adapters/project';
import { lazyClient, workflowUrlFor } from '../../adapters/temporal/connection';
import { createRunDirectory } from '../../adapters/temporal/run-directory';
import { DEFAULT_PARALLEL, type BackfillStatus } from '../../contracts/backfill';
import { MillraceError } from '../../contracts/errors';
import {
  checkSelection,
  parallelOf,
  startBackfill,
  type CheckedSelection,
  type SelectionOptions,
} from '../backfill/start-backfill';
import { listBackfills, readBackfill, type BackfillView } from '../backfill/read-backfill';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { backfillLines, dryRunLines, progressLine } from '../render/backfill';
import { table } from '../render/table';
import { aboutWorkflow } from '../temporal-errors';
import { userName } from '../user-name';
import { parseParams } from './params';
import { bringUpWhatIsMissing } from './stack';

/** Options of `millrace backfill PIPELINE`. */
export interface BackfillOptions extends SelectionOptions {
  readonly parallel?: number;
  readonly param?: readonly string[];
  readonly promote?: boolean;
  readonly dryRun?: boolean;
  readonly detach?: boolean;
}

const LOOK_EVERY_MS = 1000;

/** `millrace backfill PIPELINE --from DATE --to DATE`. The file and the range are checked here first. */
export async function backfill(
  context: CommandContext,
  pipeline: string,
  options: BackfillOptions,
): Promise<number> {
  const params = parseParams(options.param ?? []);
  const parallel = parallelOf(options.parallel ?? DEFAULT_PARALLEL);
  const catalog = createPipelineCatalog({
    project: context.project,
    environment: context.environment,
    refusesWhatIsNotThere: true,
  });
  const checked = await checkSelection(catalog, pipeline, options, params);
  if (options.dryRun === true) return dryRun(context, checked);
  await bringUpWhatIsMissing(context);
  return context.withClient(async (client, target) => {
    const { selection, dateParam } = checked;
    const started = await startBackfill(client, {
      ...selection,
      parallel,
      promote: options.promote === true,
      environment: context.environmentName,
      startedBy: userName(),
      ...(Object.keys(params).length > 0 && { params }),
      ...(dateParam && { dateParam }),
    });
    const url = workflowUrlFor(target)(started.workflowId, started.runId);
    if (options.detach === true) {
      context.output.result({ ...started, partitions: checked.partitions.length, url }, [
        `Backfill ${started.workflowId}, ${checked.partitions.length} partitions`,
        `  look at it with: millrace backfill show ${started.workflowId}`,
      ]);
      return EXIT.ok;
    }
    context.output.say(`Backfill ${started.workflowId}`);
    context.output.say(`  ${url}`);
    return followToEnd(context, client, started.workflowId);
  });
}

/** `millrace backfill list`. */
export async function listAll(context: CommandContext, { limit }: { limit: number }): Promise<number> {
  return context.withClient(async (client) => {
    const found = await listBackfills(client, limit);
    context.output.result(
      found,
      found.length === 0
        ? ['No backfills. Start one with `millrace backfill PIPELINE --from DATE --to DATE`.']
        : table(
            ['backfill', 'state', 'started'],
            found.map((one) => [
              one.workflowId,
              one.execution.toLowerCase(),
              one.startedAt.slice(0, 19).replace('T', ' '),
            ]),
          ),
    );
    return EXIT.ok;
  });
}

/** `millrace backfill show ID`: the exit code says how it ended, and is 0 while it runs. */
export async function showOne(context: CommandContext, workflowId: string): Promise<number> {
  return context.withClient(async (client) => tell(context, await readBackfill(client, workflowId)));
}

/** `millrace backfill cancel ID`: open runs of it are cancelled, and no more are started. */
export async function cancelOne(context: CommandContext, workflowId: string): Promise<number> {
  return context.withClient(async (client) => {
    const { execution } = await readBackfill(client, workflowId);
    if (execution !== 'RUNNING')
      throw new MillraceError('RUN_CONFLICT', `The backfill ${workflowId} is over: it is ${execution}.`, {
        where: workflowId,
        mend: `see how it ended with \`millrace backfill show ${workflowId}\``,
      });
    await aboutWorkflow(workflowId, () => client.workflow.getHandle(workflowId).cancel());
    context.output.result({ workflowId, cancelling: true }, [
      `The backfill ${workflowId} is being cancelled, and its open runs with it. Look at it with: millrace backfill show ${workflowId}`,
    ]);
    return EXIT.ok;
  });
}

/** What would run, and what is done already. Asks the ledger, and Temporal about runs that the ledger has not seen end. */
async function dryRun(context: CommandContext, { selection, partitions }: CheckedSelection): Promise<number> {
  const ledger = await openLedger({
    projectRoot: context.project.root,
    environment: context.environment,
  });
  const target = await context.temporal();
  // A dry run starts nothing, no server either: without one, what the ledger has not seen end counts as open.
  const temporal = target.origin === 'none' ? undefined : lazyClient(target);
  try {
    const known = { ledger, ...(temporal && { runs: createRunDirectory(temporal.client) }) };
    const plans: PartitionPlan[] = [];
    await aboutWorkflow(selection.pipeline, async () => {
      for await (const plan of planPartitions(known, selection, partitions)) plans.push(plan);
    });
    const due = plans.filter((plan) => plan.due).length;
    context.output.result({ ...selection, total: plans.length, due, partitions: plans }, dryRunLines(plans));
    return EXIT.ok;
  } finally {
    await temporal?.close();
    await ledger.close();
  }
}

/** Tells of each change until the end. Ctrl-C leaves it running. */
async function followToEnd(context: CommandContext, client: Client, workflowId: string): Promise<number> {
  const { output } = context;
  const leave = (): void => {
    output.note(`\nThe backfill goes on. Look at it with: millrace backfill show ${workflowId}`);
    process.exit(EXIT.ok);
  };
  process.once('SIGINT', leave);
  try {
    let told = '';
    for (;;) {
      const view = await readBackfill(client, workflowId).catch((error: unknown) => {
        // A worker that is busy, or not there yet, is waited for.
        if (error instanceof MillraceError && PASSING.has(error.code)) return undefined;
        throw error;
      });
      const line = view && progressLine(view.status);
      if (line !== undefined && line !== told) output.say(line);
      told = line ?? told;
      if (view && view.execution !== 'RUNNING') return tell(context, view);
      await pause(LOOK_EVERY_MS);
    }
  } finally {
    process.removeListener('SIGINT', leave);
  }
}

const PASSING = new Set<string>(['SETUP_FAILED', 'TEMPORAL_UNAVAILABLE']);

function tell({ output }: CommandContext, view: BackfillView): number {
  const { status, ...execution } = view;
  output.result({ ...status, ...execution }, backfillLines(status));
  return exitCodeOf(view.execution, status);
}

function exitCodeOf(execution: string, { failed }: BackfillStatus): number {
  if (execution === 'CANCELLED' || execution === 'TERMINATED') return EXIT.rejected;
  return execution === 'FAILED' || failed > 0 ? EXIT.failed : EXIT.ok;
}
