/** The smoke test: a staged server must answer as the model was evaluated, before any caller meets it. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ArtifactRef } from '../../contracts/artifacts';
import { MillraceError } from '../../contracts/errors';
import { trainInputSchema } from '../../contracts/trainer';
import type { StoredArtifact } from '../../ports/artifact-store';
import type { DeploymentName } from '../../ports/endpoint-host';
import { loadSpec } from '../stored-spec';
import { differencesOf } from './compare-predictions';
import type { DeploymentActivityDependencies } from './dependencies';
import { heldOutRows } from './held-out-rows';

/** Differences that the message names; the error's details have up to ten times as many. */
const NAMED_DIFFERENCES = 3;
/** File of an MLflow model: a request body made of its input example. */
const EXAMPLE_FILE = 'serving_input_example.json';

/** Where the rows and the evaluated scores are. */
export interface SmokeTestSubject {
  readonly name: DeploymentName;
  readonly version: string;
  readonly spec: ArtifactRef;
  readonly trained: StoredArtifact;
  readonly split: ArtifactRef;
  readonly holdoutScores: ArtifactRef;
  readonly threshold: number | null;
}

/** Sends real held-out rows and compares by row id. @returns how many rows were compared. @throws SMOKE_TEST_FAILED naming the rows that differ. */
export async function testWithHeldOutRows(
  { store, engine, endpoints }: DeploymentActivityDependencies,
  subject: SmokeTestSubject,
  signal?: AbortSignal,
): Promise<number> {
  const { spec } = await loadSpec(store, subject.spec);
  const input = await readFile(path.join(subject.trained.directory, 'input.json'), 'utf8');
  const question = trainInputSchema.parse(JSON.parse(input));
  const [split, scores] = [await store.open(subject.split), await store.open(subject.holdoutScores)];
  const { rows, tolerance } = spec.deploy.smoke;
  const { body, evaluated } = await heldOutRows(
    engine,
    { split: split.directory, scores: scores.directory },
    question,
    rows,
  );
  const answer = await endpoints.invoke(subject.name, body, signal);
  const { task, classes } = question;
  const threshold = (await decidesByThreshold(path.join(subject.trained.directory, 'model')))
    ? subject.threshold
    : null;
  const differences = differencesOf(evaluated, answer, { task, classes, threshold, tolerance });
  if (differences.length > 0) throw failed(subject, evaluated.length, differences);
  return evaluated.length;
}

/**
 * The test of a version that Millrace did not train: its own input example must be answered, a prediction for each row.
 * @returns the number of rows. @throws SMOKE_TEST_FAILED, also when there is no example.
 */
export async function testWithInputExample(
  { endpoints }: DeploymentActivityDependencies,
  subject: Pick<SmokeTestSubject, 'name' | 'version'>,
  modelDirectory: string,
  signal?: AbortSignal,
): Promise<number> {
  const text = await readFile(path.join(modelDirectory, EXAMPLE_FILE), 'utf8').catch(() => undefined);
  if (text === undefined)
    throw new MillraceError(
      'SMOKE_TEST_FAILED',
      `version ${subject.version} of ${subject.name.model} was not registered by Millrace and has no input example, so it cannot be tested`,
      { mend: 'Log the model with an input example, and register it again.' },
    );
  const answer = await endpoints.invoke(subject.name, JSON.parse(text), signal);
  const predictions = z.object({ predictions: z.array(z.unknown()).min(1) }).safeParse(answer);
  if (!predictions.success)
    throw failed(subject, 1, [`its input example was answered with ${JSON.stringify(answer).slice(0, 200)}`]);
  return predictions.data.predictions.length;
}

/** Whether the model in a folder takes a threshold, by its signature: one that a user's own command packed may decide by itself. */
export async function decidesByThreshold(modelDirectory: string): Promise<boolean> {
  const text = await readFile(path.join(modelDirectory, 'MLmodel'), 'utf8').catch(() => '');
  // YAML as MLflow writes it, or JSON, which is YAML too and has its quotes escaped.
  return /\bparams"?:[^\n]*\\?"name\\?": ?\\?"threshold\\?"/.test(text);
}

function failed(
  { name, version }: Pick<SmokeTestSubject, 'name' | 'version'>,
  rows: number,
  differences: readonly string[],
): MillraceError {
  const more = differences.length - NAMED_DIFFERENCES;
  return new MillraceError(
    'SMOKE_TEST_FAILED',
    `version ${version} of ${name.model} does not answer as it was evaluated (${rows} rows tried): ${differences
      .slice(0, NAMED_DIFFERENCES)
      .join('; ')}${more > 0 ? `; and ${more} more` : ''}`,
    {
      where: `deployment ${name.deploymentId}`,
      mend: 'Nothing was switched. Look for code in the model that depends on other rows, on time or on chance.',
      details: { differences: differences.slice(0, NAMED_DIFFERENCES * 10) },
    },
  );
}
