/** `up`, `down`, `status`: the embedded stack. */
import { askHealth } from '../stack/health';
import { answersOk } from '../stack/part';
import { externalMlflow, externalTemporal, livingParts } from '../stack/parts';
import { startStack, stopStack } from '../stack/stack';
import { temporalAnswers } from '../stack/temporal-server';
import type { StackRecord } from '../../adapters/project/stack-record';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { table } from '../render/table';

const TITLES = { temporal: 'Temporal', mlflow: 'MLflow', worker: 'Workers', serve: 'Triggers' } as const;

/** Starts what does not run yet, with a line for each part as it gets ready, and for what it lacks. */
export async function bringUp(
  context: CommandContext,
): Promise<{ readonly record: StackRecord; readonly troubles: readonly string[] }> {
  const { installation, project, environment, environmentName, output } = context;
  const troubles: string[] = [];
  const record = await startStack({
    installation,
    projectRoot: project.root,
    environment,
    environmentName,
    onReady: (part, where, seconds) =>
      output.say(`  ${`${TITLES[part]} `.padEnd(28, '.')} ${where} (${seconds.toFixed(1)} s)`),
    onTroubles: (part, found) => {
      troubles.push(...found);
      for (const trouble of found) output.say(`    ${TITLES[part]} – ${trouble}`);
    },
  });
  return { record, troubles };
}

/** For the first run of a day: starts the embedded stack unless all of it runs. An outside Temporal has its workers where somebody put them. */
export async function bringUpWhatIsMissing(context: CommandContext): Promise<void> {
  if (externalTemporal(context.environment) !== undefined) return;
  const living = await livingParts(await context.stack());
  const mlflow = externalMlflow(context.environment) ?? living.mlflow;
  if (living.temporal && living.worker && living.serve && mlflow !== undefined) return;
  context.output.say('Starting the embedded stack');
  await bringUp(context);
  context.output.say();
}

/** `millrace up`: exit code 4 when everything runs, but triggers or the API lack something. */
export async function up(context: CommandContext): Promise<number> {
  const { record, troubles } = await bringUp(context);
  context.output.result(
    {
      temporal: record.temporal ?? null,
      mlflow: record.mlflow ?? null,
      worker: record.worker ?? null,
      serve: record.serve ?? null,
      troubles,
    },
    [
      '',
      troubles.length === 0
        ? 'Everything is up. Next: millrace run PIPELINE'
        : 'Runs can be started, but what the lines above name does not work. Mend it, then type `millrace up` again.',
    ],
  );
  return troubles.length === 0 ? EXIT.ok : EXIT.unavailable;
}

/** `millrace down`: data stays, and the next `up` goes on with it. */
export async function down(context: CommandContext): Promise<number> {
  const stopped = await stopStack(context.project.root, context.endpoints());
  context.output.result({ stopped }, [
    stopped.length === 0
      ? 'Nothing was running.'
      : `Stopped ${stopped.map((part) => TITLES[part]).join(', ')}.`,
  ]);
  return EXIT.ok;
}

/** `millrace status`: exit code 4 unless everything answers. */
export async function status(context: CommandContext): Promise<number> {
  const living = await livingParts(await context.stack());
  const outsideTemporal = externalTemporal(context.environment);
  const outsideMlflow = externalMlflow(context.environment);
  const target = await context.temporal();
  const mlflow = outsideMlflow ?? living.mlflow?.uri;
  const [temporalOk, mlflowOk, workerOk, serve, endpoints] = await Promise.all([
    outsideTemporal === undefined && !living.temporal
      ? false
      : temporalAnswers(target.connection.address, target.namespace),
    mlflow === undefined ? false : answersOk(`${mlflow.replace(/\/+$/, '')}/health`),
    living.worker ? answersOk(living.worker.healthUrl) : false,
    living.serve && askHealth(living.serve.healthUrl),
    context.endpoints().list(),
  ]);
  const parts = [
    {
      part: 'temporal',
      address: target.origin === 'none' ? undefined : target.connection.address,
      from: outsideTemporal === undefined ? 'embedded' : target.origin,
      answers: temporalOk,
      page: target.uiUrl,
      log: living.temporal?.log,
    },
    {
      part: 'mlflow',
      address: mlflow,
      from: outsideMlflow === undefined ? 'embedded' : 'millrace.yaml or MLFLOW_TRACKING_URI',
      answers: mlflowOk,
      page: mlflow,
      log: living.mlflow?.log,
    },
    {
      part: 'worker',
      address: living.worker?.healthUrl,
      from: 'embedded',
      answers: workerOk,
      page: undefined,
      log: living.worker?.log,
    },
    {
      part: 'serve',
      address: living.serve?.healthUrl,
      from: 'embedded',
      answers: serve?.well ?? false,
      page: serve?.api,
      troubles: serve?.troubles ?? [],
      log: living.serve?.log,
    },
  ];
  const troubles = serve?.troubles ?? [];
  const all = parts.every(({ answers }) => answers);
  context.output.result(
    { project: context.project.root, environment: context.environmentName, parts, endpoints },
    [
      ...table(
        ['part', 'state', 'from', 'address', 'log'],
        parts.map((one) => [
          one.part,
          one.answers ? 'answers' : one.troubles?.length ? 'lacks something' : 'does not answer',
          one.from,
          one.address ?? '–',
          one.log ?? '',
        ]),
      ),
      ...pageLines(parts),
      ...troubles.flatMap((trouble) => ['', trouble]),
      ...(endpoints.length === 0 ? [] : ['']),
      ...table(
        ['endpoint', 'version', 'state', 'address'],
        endpoints.map((one) => [
          one.model,
          one.version ?? '–',
          one.gateway === 'running' && one.server === 'running' ? 'serves' : 'stopped',
          one.endpoint,
        ]),
      ),
      ...(all
        ? []
        : [
            '',
            `${troubles.length > 0 ? 'Mend the above, and start' : 'Start'} what is missing with \`millrace up\`.`,
          ]),
    ],
  );
  return all ? EXIT.ok : EXIT.unavailable;
}

/** Where people and programs look beside the parts' own addresses. */
function pageLines(parts: readonly { readonly part: string; readonly page: string | undefined }[]): string[] {
  const pages = { temporal: "Temporal's pages", mlflow: "MLflow's pages", serve: 'HTTP API' };
  const rows = parts.flatMap(({ part, page }) =>
    page === undefined ? [] : [[pages[part as keyof typeof pages], page]],
  );
  return rows.length === 0 ? [] : ['', ...table(['beside', 'address'], rows)];
}
