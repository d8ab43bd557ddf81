/** `hold`, `resume`, `prioritise`, `cancel`: steering runs that go on. */
import type { WorkflowHandle } from '@temporalio/client';
import { MillraceError } from '../../contracts/errors';
import { prioritySchema } from '../../contracts/pipeline-file';
import { RUN_MESSAGES, type Decision, type PriorityChange } from '../../contracts/runs';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { cancelRun, steerRun } from '../runs/steer-run';
import { userName } from '../user-name';

/** `millrace hold RUN`: it pauses at the end of the stage that runs. */
export async function hold(
  context: CommandContext,
  workflowId: string,
  options: { by?: string; why?: string },
): Promise<number> {
  const decision: Decision = {
    by: options.by ?? userName(),
    ...(options.why !== undefined && { why: options.why }),
  };
  return steered(context, workflowId, (run) => run.signal(RUN_MESSAGES.hold, decision), {
    document: { holding: true, ...decision },
    line: `The run ${workflowId} pauses at the end of the stage that runs; jobs that run go on. Go on with: millrace resume ${workflowId}`,
  });
}

/** `millrace resume RUN`. */
export async function resume(context: CommandContext, workflowId: string): Promise<number> {
  return steered(context, workflowId, (run) => run.signal(RUN_MESSAGES.resume, { by: userName() }), {
    document: { resumed: true },
    line: `The run ${workflowId} goes on. Watch it with: millrace follow ${workflowId}`,
  });
}

/** `millrace prioritise RUN PRIORITY`: 1 is the most urgent, 5 the least. */
export async function prioritise(context: CommandContext, workflowId: string, text: string): Promise<number> {
  const change: PriorityChange = { priority: priorityOf(text), by: userName() };
  return steered(context, workflowId, (run) => run.signal(RUN_MESSAGES.setPriority, change), {
    document: change,
    line: `The run ${workflowId} has priority ${change.priority} now: where it waits in line, and for what it does next.`,
  });
}

/** `millrace cancel RUN`: asks it to end; its jobs are stopped, or left to finish with `--keep`, and what it half did is cleaned up. */
export async function cancel(
  context: CommandContext,
  workflowId: string,
  options: { keep?: boolean } = {},
): Promise<number> {
  return context.withClient(async (client) => {
    const kept = await cancelRun(client, workflowId, { keep: options.keep === true });
    context.output.result({ workflowId, cancelling: true, ...(options.keep === true && { kept }) }, [
      `The run ${workflowId} is being cancelled. Watch it with: millrace follow ${workflowId}`,
      ...(kept.length === 0 ? [] : [`Jobs that run on, for a retry to find: ${kept.join(', ')}`]),
    ]);
    return EXIT.ok;
  });
}

/** @throws USAGE. */
export function priorityOf(text: string): number {
  const parsed = prioritySchema.safeParse(Number(text));
  if (parsed.success) return parsed.data;
  throw new MillraceError('USAGE', `A priority is a whole number from 1 to 5, not ${text}.`, {
    mend: '1 is the most urgent',
  });
}

async function steered(
  context: CommandContext,
  workflowId: string,
  act: (run: WorkflowHandle) => Promise<void>,
  { document, line }: { readonly document: object; readonly line: string },
): Promise<number> {
  return context.withClient(async (client) => {
    await steerRun(client, workflowId, act);
    context.output.result({ workflowId, ...document }, [line]);
    return EXIT.ok;
  });
}
