/** `models`: what is registered, where it came from, and putting a version into production or back. */
import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { connectMlflow, mlflowTarget } from '../../adapters/mlflow/connect';
import { withMlflowErrors } from '../../adapters/mlflow/errors';
import { ownerStartFor } from '../../adapters/temporal/run-messenger';
import { MillraceError } from '../../contracts/errors';
import { modelReleaseIdFor } from '../../contracts/ids';
import {
  modelStatusSchema,
  RELEASE_MESSAGES,
  type ModelReleaseInput,
  type ModelStatus,
  type Promotion,
} from '../../contracts/release';
import { provenanceOf } from '../../contracts/version-tags';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { figure } from '../render/run';
import { table } from '../render/table';
import { aboutWorkflow } from '../temporal-errors';
import { userName } from '../user-name';

type Mlflow = ReturnType<typeof connectMlflow>;

/** `millrace models`. */
export async function listModels(context: CommandContext): Promise<number> {
  const mlflow = await mlflowOf(context);
  const models = await withMlflowErrors('list the registered models', async () => {
    const found = [];
    for await (const model of mlflow.registeredModels.search({})) found.push(model);
    return found;
  });
  context.output.result(
    models,
    models.length === 0
      ? ['No model is registered yet. Run a pipeline with `millrace run PIPELINE`.']
      : table(
          ['model', 'champion', 'aliases'],
          models.map(({ name, aliases }) => [
            name,
            aliases.champion === undefined ? '–' : `version ${aliases.champion}`,
            Object.entries(aliases)
              .map(([alias, version]) => `${alias} ${version}`)
              .join(', '),
          ]),
        ),
  );
  return EXIT.ok;
}

/** `millrace models show NAME`: versions with aliases, metrics and lineage, and how the model's owner stands. */
export async function showModel(context: CommandContext, name: string): Promise<number> {
  const mlflow = await mlflowOf(context);
  const versions = await versionsOf(mlflow, name);
  const owner = await ownerStatus(context, name);
  const open = (owner?.requests ?? []).filter(({ state }) => state !== 'finished');
  context.output.result({ model: name, versions, owner: owner ?? null }, [
    ...table(
      ['version', 'aliases', 'candidate', 'metrics', 'run'],
      versions.map((version) => [
        String(version.version),
        version.aliases.join(', '),
        version.lineage.candidate ?? '',
        telling(version.metrics)
          .map(([metric, value]) => `${metric} ${figure(value)}`)
          .join(', '),
        version.lineage.workflowId ?? '',
      ]),
    ),
    ...(open.length > 0 ? ['', 'With its owner now:'] : []),
    ...open.map(
      ({ workflowId, state, version, note }) =>
        `  ${workflowId}: ${state}${version === undefined ? '' : `, version ${version}`}${note === undefined ? '' : ` (${note})`}`,
    ),
    ...(owner?.history.length ? ['', 'What happened:'] : []),
    ...(owner?.history ?? [])
      .slice(0, 10)
      .map(
        ({ at, version, event, by, why }) =>
          `  ${at.slice(0, 19).replace('T', ' ')}  version ${version}: ${event}${by === undefined ? '' : ` by ${by}`}${why === undefined ? '' : `: ${why}`}`,
      ),
    '',
    `Back to an older one: millrace models rollback ${name} VERSION --why "…"`,
  ]);
  return EXIT.ok;
}

/** `millrace models promote|rollback NAME VERSION`: through the model's owner, which tries the version first. */
export async function changeChampion(
  context: CommandContext,
  name: string,
  version: string,
  what: 'promote' | 'rollback',
  options: { readonly by?: string; readonly why?: string },
): Promise<number> {
  const mlflow = await mlflowOf(context);
  const versions = await versionsOf(mlflow, name);
  if (!versions.some((known) => String(known.version) === version))
    throw new MillraceError('MODEL_NOT_FOUND', `The model ${name} has no version ${version}.`, {
      where: name,
      mend: `it has ${versions.map((known) => known.version).join(', ')}`,
    });
  const promotion: Promotion = {
    version,
    by: options.by ?? userName(),
    ...(options.why !== undefined && { why: options.why }),
  };
  return context.withClient(async (client) => {
    const status = await aboutWorkflow(modelReleaseIdFor(name), () =>
      askOwner(client, name, what, promotion),
    );
    const { champion } = status;
    context.output.result({ model: name, ...promotion, status }, [
      `${name} is at version ${champion?.version ?? '–'} now${champion?.endpoint === undefined ? '' : `, served at ${champion.endpoint}`}.`,
    ]);
    return EXIT.ok;
  });
}

/** The owner is started where there is none yet: a version may have been registered by other means. */
async function askOwner(
  client: Client,
  model: string,
  what: 'promote' | 'rollback',
  promotion: Promotion,
): Promise<ModelStatus> {
  const { args, ...start } = ownerStartFor({ model });
  const startWorkflowOperation = new WithStartWorkflowOperation<(input: ModelReleaseInput) => Promise<void>>(
    WORKFLOW_TYPES.modelRelease,
    { ...start, args },
  );
  const answer = await client.workflow.executeUpdateWithStart<
    (input: ModelReleaseInput) => Promise<void>,
    ModelStatus,
    [Promotion]
  >(RELEASE_MESSAGES[what], {
    startWorkflowOperation,
    args: [promotion],
  });
  return modelStatusSchema.parse(answer);
}

/** Metrics by which people know a model, the usual ones of its kind first. */
const KNOWN_METRICS = [
  'roc_auc',
  'average_precision',
  'f1_macro',
  'accuracy',
  'f1',
  'rmse',
  'r2',
  'mae',
  'log_loss',
];

/** The three metrics that say most. */
function telling(metrics: Readonly<Record<string, number>>): [string, number][] {
  const rank = (name: string): number => {
    const place = KNOWN_METRICS.indexOf(name.slice(name.indexOf('.') + 1));
    return place < 0 ? KNOWN_METRICS.length : place;
  };
  const side = (name: string): number =>
    name.startsWith('holdout.') ? 0 : name.startsWith('validation.') ? 1 : 2;
  return Object.entries(metrics)
    .sort(([a], [b]) => side(a) - side(b) || rank(a) - rank(b) || (a < b ? -1 : 1))
    .slice(0, 3);
}

interface ShownVersion {
  readonly version: number;
  readonly aliases: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly lineage: ReturnType<typeof provenanceOf>;
  readonly modelId: string | null;
  readonly runId: string | null;
  readonly createdAt: string;
}

/** Newest first. @throws MODEL_NOT_FOUND. */
async function versionsOf(mlflow: Mlflow, name: string): Promise<ShownVersion[]> {
  return withMlflowErrors(`read the versions of ${name}`, async () => {
    const versions = [];
    for await (const version of mlflow.modelVersions.search({
      filter: `name = '${name.replaceAll("'", "\\'")}'`,
    }))
      versions.push(version);
    if (versions.length === 0)
      throw new MillraceError('MODEL_NOT_FOUND', `There is no registered model ${name}.`, {
        where: name,
        mend: 'list them with `millrace models`',
      });
    const { aliases } = await mlflow.registeredModels.get(name);
    const shown = versions
      .sort((a, b) => b.version - a.version)
      .map(async (version): Promise<ShownVersion> => ({
        version: version.version,
        aliases: Object.entries(aliases).flatMap(([alias, at]) => (at === version.version ? [alias] : [])),
        metrics: await metricsOf(mlflow, version.runId),
        lineage: provenanceOf(version.tags),
        modelId: version.modelId ?? null,
        runId: version.runId ?? null,
        createdAt: new Date(version.creationTime).toISOString(),
      }));
    return Promise.all(shown);
  });
}

/** A version outlives its run: one that was deleted has no metrics to show. */
async function metricsOf(mlflow: Mlflow, runId: string | undefined): Promise<Record<string, number>> {
  if (runId === undefined) return {};
  try {
    const { metrics } = await mlflow.runs.get(runId);
    return Object.fromEntries(metrics.map(({ key, value }) => [key, value]));
  } catch {
    return {};
  }
}

/** Undefined for a model without an owner, or when nobody answers: the registry can be read without one. */
async function ownerStatus(context: CommandContext, model: string): Promise<ModelStatus | undefined> {
  try {
    return await context.withClient(async (client) =>
      modelStatusSchema.parse(
        await client.workflow.getHandle(modelReleaseIdFor(model)).query(RELEASE_MESSAGES.status),
      ),
    );
  } catch {
    return undefined;
  }
}

async function mlflowOf(context: CommandContext): Promise<Mlflow> {
  const { environment, project } = context;
  return connectMlflow(
    await mlflowTarget(environment.mlflow, { stack: await context.stack(), projectRoot: project.root }),
  );
}
