/** `run`, `follow`, `retry`, `approve`, `reject`: starting runs, watching them, deciding. */
import type { Client } from '@temporalio/client';
import { createPipelineCatalog } from '../../adapters/project';
import { workflowUrlFor, type TemporalTarget } from '../../adapters/temporal/connection';
import { MillraceError } from '../../contracts/errors';
import { stageSchema, STAGES, type Decision, type RunStatus, type Stage } from '../../contracts/runs';
import type { CommandContext } from '../context';
import { EXIT, exitCodeOfOutcome } from '../exit-codes';
import { endLines } from '../render/run';
import { styleOf, type Style } from '../render/style';
import { Detached, followRuns } from '../runs/follow-run';
import { decideRun } from '../runs/steer-run';
import { retryRun, startRun, type StartedRun } from '../runs/start-run';
import { aboutWorkflow } from '../temporal-errors';
import { userName } from '../user-name';
import { runLinks } from './links';
import { askExample, exampleLines } from './example-request';
import { holdoutLines } from './holdout';
import { nominalDateOf, parseParams } from './params';
import { bringUpWhatIsMissing } from './stack';
import { priorityOf } from './steer';

/** Options of `millrace run`. */
export interface RunOptions {
  readonly param?: readonly string[];
  /** Nominal date. */
  readonly date?: string;
  readonly cache?: boolean;
  readonly from?: string;
  readonly until?: string;
  readonly sample?: number;
  /** 1 to 5. */
  readonly priority?: string;
  readonly id?: string;
  readonly detach?: boolean;
}

/** `millrace run PIPELINE`. The file is checked here first, so that a mistake in it is told at once, and starts nothing. */
export async function run(context: CommandContext, pipeline: string, options: RunOptions): Promise<number> {
  const params = parseParams(options.param ?? []);
  const catalog = createPipelineCatalog({
    project: context.project,
    environment: context.environment,
    refusesWhatIsNotThere: true,
  });
  const nominalDate = options.date === undefined ? undefined : nominalDateOf(options.date);
  const { spec } = await catalog.load(pipeline, params, nominalDate);
  const from = stageOf('--from', options.from);
  const until = stageOf('--until', options.until);
  const priority = options.priority === undefined ? undefined : priorityOf(options.priority);
  await bringUpWhatIsMissing(context);
  return context.withClient(async (client, target) => {
    const started = await startRun(
      client,
      {
        // By name where it is one: an id with a path in it would be hard to type.
        pipeline: spec.name,
        environment: context.environmentName,
        startedBy: userName(),
        ...(Object.keys(params).length > 0 && { params }),
        ...(nominalDate !== undefined && { nominalDate }),
        ...(options.cache === false && { noCache: true }),
        ...(from && { from }),
        ...(until && { until }),
        ...(options.sample !== undefined && { sample: options.sample }),
        ...(priority !== undefined && { priority }),
      },
      options.id,
    );
    return options.detach === true
      ? tellStarted(context, started, target)
      : followToEnd(context, client, started, target);
  });
}

/** `millrace follow RUN`. */
export async function follow(context: CommandContext, workflowId: string): Promise<number> {
  return context.withClient(async (client, target) => {
    const { runId } = await aboutWorkflow(workflowId, () => client.workflow.getHandle(workflowId).describe());
    return followToEnd(context, client, { workflowId, runId }, target);
  });
}

/** `millrace retry RUN`. */
export async function retry(
  context: CommandContext,
  workflowId: string,
  options: { detach?: boolean },
): Promise<number> {
  return context.withClient(async (client, target) => {
    const started = await retryRun(client, workflowId);
    return options.detach === true
      ? tellStarted(context, started, target)
      : followToEnd(context, client, started, target);
  });
}

/** `millrace approve RUN` and `millrace reject RUN`. */
export async function decide(
  context: CommandContext,
  workflowId: string,
  verdict: 'approve' | 'reject',
  options: { by?: string; why?: string },
): Promise<number> {
  const decision: Decision = {
    by: options.by ?? userName(),
    ...(options.why !== undefined && { why: options.why }),
  };
  return context.withClient(async (client) => {
    const version = await decideRun(client, workflowId, verdict, decision);
    const word = verdict === 'approve' ? 'Approved' : 'Rejected';
    context.output.result({ workflowId, verdict, ...decision, version: version ?? null }, [
      `${word}${version === undefined ? '' : ` version ${version}`} as ${decision.by}. Watch it with: millrace follow ${workflowId}`,
    ]);
    return EXIT.ok;
  });
}

/** Follows one run to its end and says how it ended. Ctrl-C leaves it running. */
async function followToEnd(
  context: CommandContext,
  client: Client,
  started: StartedRun,
  target: TemporalTarget,
): Promise<number> {
  const { output } = context;
  const { workflowId } = started;
  output.say(`Run ${workflowId}`);
  output.say(`  ${workflowUrlFor(target)(workflowId, started.runId)}`);
  try {
    const [view] = await followRuns(client, [started], output);
    if (!view) throw new MillraceError('INTERNAL', 'a run was followed that is none');
    const style = styleOf(process.stdout, process.env);
    output.result(view.status, [
      '',
      ...endLines(view.status, style),
      ...(await holdoutLines(context, view.status)).map((line) => `  ${line}`),
      ...(await requestLines(context, view.status, style)),
      ...runLinks(view.status, target),
    ]);
    return exitCodeOfOutcome(view.status.outcome);
  } catch (error) {
    if (!(error instanceof Detached)) throw error;
    output.note(
      `\nDetached; the run goes on.\n  follow it: millrace follow ${workflowId}\n  cancel it: millrace cancel ${workflowId}`,
    );
    return DETACHED;
  }
}

/** The line that asks the model that was deployed; none where it is not served here. A run that ended well is not spoilt by a missing example. */
async function requestLines(context: CommandContext, status: RunStatus, style: Style): Promise<string[]> {
  const endpoint = status.model?.endpoint;
  if (endpoint === undefined || context.output.json) return [];
  return askExample(context, status, endpoint).then(
    (asked) => exampleLines(asked, style),
    () => [],
  );
}

/** What a shell says of a program that was ended by Ctrl-C. */
const DETACHED = 130;

function tellStarted(context: CommandContext, started: StartedRun, target: TemporalTarget): number {
  const url = workflowUrlFor(target)(started.workflowId, started.runId);
  context.output.result({ ...started, url }, [
    `Run ${started.workflowId} started.`,
    `  ${url}`,
    `  follow it: millrace follow ${started.workflowId}`,
  ]);
  return EXIT.ok;
}

function stageOf(option: string, text: string | undefined): Stage | undefined {
  if (text === undefined) return undefined;
  const parsed = stageSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new MillraceError('USAGE', `${option} takes a stage, not ${text}.`, {
    mend: `use one of ${STAGES.join(', ')}`,
  });
}
