/** Staging: the server of a version is started beside the serving one, and tested. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MillraceError } from '../../contracts/errors';
import { deploymentIdFor } from '../../contracts/ids';
import {
  stageDeploymentInputSchema,
  stageVersionInputSchema,
  type StageDeploymentInput,
  type StageDeploymentOutput,
  type StageVersionInput,
  type StageVersionOutput,
} from '../../contracts/steps';
import { provenanceOf, type VersionProvenance } from '../../contracts/version-tags';
import type { StoredArtifact } from '../../ports/artifact-store';
import { loadSpec } from '../stored-spec';
import type { DeploymentActivityDependencies } from './dependencies';
import {
  decidesByThreshold,
  testWithHeldOutRows,
  testWithInputExample,
  type SmokeTestSubject,
} from './smoke-test';

/** See {@link stageDeploymentInputSchema}. A failed test ends the staged server. */
export async function stageDeployment(
  dependencies: DeploymentActivityDependencies,
  rawInput: StageDeploymentInput,
  signal?: AbortSignal,
): Promise<StageDeploymentOutput> {
  const { request, version } = stageDeploymentInputSchema.parse(rawInput);
  const { model } = request;
  const deploymentId = deploymentIdFor({ model, version, token: request.requestId });
  const checkedRows = await stageMeasured(
    dependencies,
    {
      name: { model, deploymentId },
      version,
      spec: request.spec,
      trained: await dependencies.store.open(request.trained),
      split: request.split,
      holdoutScores: request.holdoutScores,
      threshold: request.threshold,
    },
    signal,
  );
  return { deploymentId, checkedRows };
}

/** See {@link stageVersionInputSchema}. What Millrace trained is tested with the rows it was gated on; anything else with its input example. */
export async function stageVersion(
  dependencies: DeploymentActivityDependencies,
  rawInput: StageVersionInput,
  signal?: AbortSignal,
): Promise<StageVersionOutput> {
  const { model, version, promotionId } = stageVersionInputSchema.parse(rawInput);
  const registered = await dependencies.models.version(model, version, signal);
  if (!registered)
    throw new MillraceError('MODEL_NOT_FOUND', `the registered model ${model} has no version ${version}`, {
      mend: `List its versions with \`millrace models ${model}\`.`,
    });
  const provenance = provenanceOf(registered.tags);
  const deploymentId = deploymentIdFor({ model, version, token: promotionId });
  const subject = { name: { model, deploymentId }, version };
  const measured = await measuredSubject(dependencies, provenance);
  const checkedRows = measured
    ? await stageMeasured(dependencies, { ...subject, ...measured }, signal)
    : await stageForeign(dependencies, subject, provenance.threshold, signal);
  return { deploymentId, checkedRows, served: provenance.deployTarget === 'local' };
}

/** Everything that the test with held-out rows needs, if the store still has all of it. */
async function measuredSubject(
  { store }: DeploymentActivityDependencies,
  { spec, trained, split, holdoutScores, threshold }: VersionProvenance,
): Promise<Omit<SmokeTestSubject, 'name' | 'version'> | undefined> {
  if (!spec || !trained || !split || !holdoutScores) return undefined;
  const needed = await Promise.all(
    [trained, spec, split, holdoutScores].map((ref) => store.open(ref).catch(() => undefined)),
  );
  const [model] = needed;
  if (!model || needed.includes(undefined)) return undefined;
  return { spec, trained: model, split, holdoutScores, threshold };
}

async function stageMeasured(
  dependencies: DeploymentActivityDependencies,
  subject: SmokeTestSubject,
  signal?: AbortSignal,
): Promise<number> {
  const { store, endpoints } = dependencies;
  const { spec } = await loadSpec(store, subject.spec);
  const { trained, threshold, name, version } = subject;
  const modelDirectory = path.join(trained.directory, 'model');
  await endpoints.stage(
    {
      ...name,
      version,
      modelDirectory,
      python: await pythonFor(dependencies, trained),
      threshold: (await decidesByThreshold(modelDirectory)) ? threshold : null,
      ...(spec.deploy.port !== undefined && { port: spec.deploy.port }),
    },
    signal,
  );
  return discardOnFailure(dependencies, subject, () => testWithHeldOutRows(dependencies, subject, signal));
}

async function stageForeign(
  dependencies: DeploymentActivityDependencies,
  subject: Pick<SmokeTestSubject, 'name' | 'version'>,
  threshold: number | null,
  signal?: AbortSignal,
): Promise<number> {
  const { models, environments, endpoints } = dependencies;
  const { name, version } = subject;
  const directory = await mkdtemp(path.join(tmpdir(), 'millrace-model-'));
  try {
    await models.download(name.model, version, directory, signal);
    const { python } = await environments.base();
    const decides = await decidesByThreshold(directory);
    await endpoints.stage(
      { ...name, version, modelDirectory: directory, python, threshold: decides ? threshold : null },
      signal,
    );
    return await discardOnFailure(dependencies, subject, () =>
      testWithInputExample(dependencies, subject, directory, signal),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The environment that the model was trained in: its artifact keeps the user's requirements beside the model. */
async function pythonFor(
  { environments }: DeploymentActivityDependencies,
  trained: StoredArtifact,
): Promise<string> {
  const environment =
    'requirements.txt' in trained.manifest.files
      ? await environments.withRequirements(path.join(trained.directory, 'requirements.txt'))
      : await environments.base();
  return environment.python;
}

async function discardOnFailure(
  { endpoints }: DeploymentActivityDependencies,
  { name }: Pick<SmokeTestSubject, 'name'>,
  test: () => Promise<number>,
): Promise<number> {
  try {
    return await test();
  } catch (error) {
    await endpoints.discard(name);
    throw error;
  }
}
