/** `demo`: everything up, the example pipelines run, and what to type next. */
import type { Client } from '@temporalio/client';
import type { TemporalTarget } from '../../adapters/temporal/connection';
import { workflowUrlFor } from '../../adapters/temporal/connection';
import type { RunStatus } from '../../contracts/runs';
import type { CommandContext } from '../context';
import { EXIT, exitCodeOfOutcome } from '../exit-codes';
import { endLines } from '../render/run';
import { styleOf } from '../render/style';
import { Detached, followRuns } from '../runs/follow-run';
import type { RunView } from '../runs/read-run';
import { startRun } from '../runs/start-run';
import { askExample, exampleLines } from './example-request';
import { holdoutLines } from './holdout';
import { bringUp } from './stack';

/** The pipelines that the demo runs. */
const EXAMPLES = ['tweets-sentiment', 'telco-churn'];

/** `millrace demo`. Exit code 1 unless both runs end well and both endpoints answer. */
export async function demo(context: CommandContext): Promise<number> {
  const { output } = context;
  output.say('Starting the embedded stack');
  await bringUp(context);
  return context.withClient(async (client, target) => {
    output.say();
    output.say(`Running ${EXAMPLES.join(' and ')}`);
    const views = await runExamples(context, client, target);
    if (views === undefined) return DETACHED;
    const shown = [];
    for (const { status } of views) shown.push(await showExample(context, status, target));
    output.result(
      shown.map(({ document }) => document),
      nextSteps(),
    );
    const codes = [
      ...views.map(({ status }) => exitCodeOfOutcome(status.outcome)),
      ...shown.map(({ code }) => code),
    ];
    return Math.max(...codes);
  });
}

const DETACHED = 130;

async function runExamples(
  context: CommandContext,
  client: Client,
  target: TemporalTarget,
): Promise<RunView[] | undefined> {
  const started = await Promise.all(
    EXAMPLES.map((pipeline) =>
      startRun(client, { pipeline, environment: context.environmentName, startedBy: 'millrace demo' }),
    ),
  );
  for (const { workflowId, runId } of started)
    context.output.say(`  ${workflowId}  ${workflowUrlFor(target)(workflowId, runId)}`);
  try {
    return await followRuns(client, started, context.output);
  } catch (error) {
    if (!(error instanceof Detached)) throw error;
    context.output.note('\nDetached; the runs go on. See them with: ./bin/millrace.mjs runs');
    return undefined;
  }
}

/** Says how one example ended, and sends its endpoint the request that the curl line shows. */
async function showExample(
  context: CommandContext,
  status: RunStatus,
  target: TemporalTarget,
): Promise<{ document: unknown; code: number }> {
  const { output } = context;
  const style = styleOf(process.stdout, process.env);
  const temporal = workflowUrlFor(target)(status.workflowId, status.runId);
  output.say();
  output.say(style.strong(status.pipeline));
  for (const line of endLines(status, style)) output.say(`  ${line}`);
  for (const line of await holdoutLines(context, status)) output.say(`  ${line}`);
  if (status.champion !== undefined && status.outcome !== 'unchanged')
    output.say(
      `  compared with the champion, version ${status.champion.version}${status.champion.note === undefined ? '' : ` (${status.champion.note})`}`,
    );
  output.say(`  Temporal  ${temporal}`);
  if (status.mlflow !== undefined) output.say(`  MLflow    ${status.mlflow.url}`);
  if (status.report !== undefined) output.say(`  Report    ${status.report}`);
  const endpoint = await endpointOf(context, status);
  if (endpoint === undefined) return { document: { ...status, url: temporal }, code: EXIT.ok };
  const asked = await askExample(context, status, endpoint);
  for (const line of exampleLines(asked, style)) output.say(line);
  const { curl, answer, ok } = asked;
  return { document: { ...status, url: temporal, curl, answer }, code: ok ? EXIT.ok : EXIT.failed };
}

/** An unchanged model is served by the deployment that there is. */
async function endpointOf(context: CommandContext, status: RunStatus): Promise<string | undefined> {
  if (status.model === undefined) return undefined;
  if (status.model.endpoint !== undefined) return status.model.endpoint;
  const { name } = status.model;
  const serving = (await context.endpoints().list()).find(({ model }) => model === name);
  return serving?.server === 'running' && serving.gateway === 'running' ? serving.endpoint : undefined;
}

function nextSteps(): string[] {
  return [
    '',
    'Next, your own data: a CSV file, and the column that is to be predicted',
    '  ./bin/millrace.mjs init --from my.csv --label COLUMN',
    'The same with an example that is here already:',
    '  ./bin/millrace.mjs init --from pipelines/data/telco-churn.csv --label churn --name my-churn && ./bin/millrace.mjs run my-churn',
    'Stop everything with ./bin/millrace.mjs down; what was computed stays.',
  ];
}
