/** `runs`, `show`, `report`: looking at runs. */
import type { Client } from '@temporalio/client';
import { workflowUrlFor } from '../../adapters/temporal/connection';
import { MillraceError } from '../../contracts/errors';
import { formatDuration } from '../../contracts/quantities';
import { OUTCOMES, outcomeSchema, type RunStatus } from '../../contracts/runs';
import type { CommandContext } from '../context';
import { EXIT, exitCodeOfOutcome } from '../exit-codes';
import { causeLines, endLines, runLines } from '../render/run';
import { styleOf } from '../render/style';
import { table } from '../render/table';
import { listRuns, type RunFilter } from '../runs/list-runs';
import { readRun } from '../runs/read-run';
import { reportPath } from '../store';
import { runLinks } from './links';
import { readPool } from './pools';

/** `millrace runs`. */
export async function runs(context: CommandContext, filter: RunFilter): Promise<number> {
  if (filter.outcome !== undefined && !outcomeSchema.safeParse(filter.outcome).success)
    throw new MillraceError('USAGE', `There is no outcome ${filter.outcome}.`, {
      mend: `use one of ${OUTCOMES.join(', ')}`,
    });
  return context.withClient(async (client) => {
    const found = await listRuns(client, filter);
    context.output.result(
      found,
      found.length === 0
        ? ['No runs. Start one with `millrace run PIPELINE`.']
        : table(
            ['run', 'state', 'started', 'took'],
            found.map((one) => [
              one.workflowId,
              one.outcome ?? one.stage ?? one.execution.toLowerCase(),
              one.startedAt.slice(0, 19).replace('T', ' '),
              one.endedAt === undefined
                ? ''
                : formatDuration((Date.parse(one.endedAt) - Date.parse(one.startedAt)) / 1000),
            ]),
          ),
    );
    return EXIT.ok;
  });
}

/** `millrace show RUN`: the exit code is that of the run's outcome. */
export async function show(context: CommandContext, workflowId: string): Promise<number> {
  return context.withClient(async (client, target) => {
    const view = await readRun(client, workflowId);
    const { status } = view;
    const style = styleOf(process.stdout, process.env);
    const seconds = ((view.endedAt ?? new Date()).getTime() - view.startedAt.getTime()) / 1000;
    context.output.result(
      {
        ...status,
        execution: view.execution,
        startedAt: view.startedAt.toISOString(),
        endedAt: view.endedAt?.toISOString() ?? null,
        progress: view.progress,
        url: workflowUrlFor(target)(status.workflowId, status.runId),
      },
      [
        `${style.strong(status.workflowId)}  ${view.startedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC, ${formatDuration(seconds)}`,
        ...causeLines(status),
        '',
        ...runLines(view, new Date(), style),
        ...(await placeLines(client, status)).map((line) => style.busy(line)),
        '',
        ...(status.champion === undefined
          ? []
          : [
              `champion: version ${status.champion.version}${status.champion.comparable ? '' : ', not comparable'}${status.champion.note === undefined ? '' : `: ${status.champion.note}`}`,
            ]),
        ...endLines(status, style),
        ...runLinks(status, target),
      ],
    );
    return exitCodeOfOutcome(status.outcome);
  });
}

/** Where the run stands in the lines that it waits in. */
async function placeLines(client: Client, status: RunStatus): Promise<string[]> {
  const waits = [status.waiting, ...status.candidates.map(({ waiting }) => waiting)];
  const pools = [...new Set(waits.flatMap((one) => one?.pool ?? []))];
  const lines = await Promise.all(
    pools.map(async (pool) => {
      const line = await readPool(client, pool, { workflowId: status.workflowId });
      return (line?.waiters ?? []).map(
        ({ place, what, units }) =>
          `place ${place} of ${line?.waiting ?? place} in the line for ${pool}: ${what}, ${units} of ${line?.limit ?? units} units`,
      );
    }),
  );
  return lines.flat();
}

/** `millrace report RUN`: prints the path of the report's page. */
export async function report(context: CommandContext, workflowId: string): Promise<number> {
  return context.withClient(async (client) => {
    const { status } = await readRun(client, workflowId);
    const page = await reportPath(context, status);
    if (page === undefined)
      throw new MillraceError('RUN_CONFLICT', `The run ${workflowId} has no report.`, {
        where: workflowId,
        mend:
          status.outcome === undefined
            ? 'it is written when the run ends'
            : `see \`millrace show ${workflowId}\``,
      });
    context.output.result({ workflowId, report: page }, [page]);
    return EXIT.ok;
  });
}
