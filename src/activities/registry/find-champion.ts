/** The activity that looks the champion up, and says whether it can be measured fairly against the winner. */
import { labelOf } from '../../contracts/pipeline-file';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { StepIdentity } from '../../contracts/artifacts';
import { VERSION_ALIASES } from '../../contracts/release';
import type { Champion, FindChampionInput, FindChampionOutput } from '../../contracts/steps';
import { findChampionInputSchema } from '../../contracts/steps';
import { provenanceOf } from '../../contracts/version-tags';
import { trainInputSchema, type TrainInput } from '../../contracts/trainer';
import type { StoredArtifact } from '../../ports/artifact-store';
import type { RegisteredVersion } from '../../ports/model-registry';
import { quoteLiteral } from '../../ports/table-engine';
import { loadSpec } from '../stored-spec';
import type { RegistryActivityDependencies } from './dependencies';

/**
 * See {@link findChampionInputSchema}. A champion is comparable when its training rows are known, it answers the same question (task, label,
 * classes), and the hold-out rows have all columns that it needs.
 */
export async function findChampion(
  dependencies: RegistryActivityDependencies,
  rawInput: FindChampionInput,
): Promise<FindChampionOutput> {
  const input = findChampionInputSchema.parse(rawInput);
  const { store, models } = dependencies;
  const version = await models.versionByAlias(input.model, VERSION_ALIASES.champion);
  if (!version) return { champion: null };

  const { threshold, trained: trainedBy, split: splitBy } = provenanceOf(version.tags);
  const known: Champion = {
    version: version.version,
    threshold,
    ...(version.modelId !== undefined && { modelId: version.modelId }),
    ...(trainedBy && { stepKey: trainedBy.key }),
  };
  const refuse = (notComparable: string): FindChampionOutput => ({ champion: { ...known, notComparable } });

  if (!trainedBy || !splitBy) {
    return refuse(
      `version ${version.version} was not registered by Millrace, so the rows it was trained on are not known`,
    );
  }
  const split = await store.openByKey(splitBy.key);
  if (!split)
    return refuse(
      `the rows that version ${version.version} was trained on are no longer in the artifact store`,
    );
  const trained = await store.openByKey(trainedBy.key);
  const model = trained ?? (await fetchModel(dependencies, version));
  const question = trained && (await readInput(trained));
  const { spec } = await loadSpec(store, input.spec);
  const difference =
    question &&
    differenceOf(question, { task: input.task, classes: input.classes, label: labelOf(spec.dataset) });
  if (difference !== undefined) return refuse(`version ${version.version} ${difference}`);
  const missing = question ? await missingColumns(dependencies, input, question) : [];
  if (missing.length > 0)
    return refuse(
      `version ${version.version} needs columns that the data no longer has: ${missing.join(', ')}`,
    );
  return { champion: { ...known, model: model.ref, split: split.ref } };
}

/** The store has lost the model; MLflow has it. */
async function fetchModel(
  { store, models }: RegistryActivityDependencies,
  version: RegisteredVersion,
): Promise<StoredArtifact> {
  const identity: StepIdentity = {
    step: 'train',
    code: 'fetched from the registry',
    params: { model: version.model, version: version.version, modelId: version.modelId ?? null },
    inputs: {},
  };
  return (
    (await store.find(identity)) ??
    (await store.commit(identity, async (directory) => {
      await models.download(version.model, version.version, path.join(directory, 'model'));
      return { summary: { jobName: '', attempts: 0, seconds: 0 } };
    }))
  );
}

async function readInput(trained: StoredArtifact): Promise<TrainInput | undefined> {
  if (!('input.json' in trained.manifest.files)) return undefined;
  return trainInputSchema.parse(
    JSON.parse(await readFile(path.join(trained.directory, 'input.json'), 'utf8')),
  );
}

/** How the champion's question differs from today's, as the end of a sentence. */
function differenceOf(
  champion: Pick<TrainInput, 'task' | 'classes' | 'label'>,
  now: Pick<TrainInput, 'task' | 'classes' | 'label'>,
): string | undefined {
  if (champion.task !== now.task) return `was trained for another task (${champion.task}, now ${now.task})`;
  if (champion.label !== now.label) return `predicts another label (${champion.label}, now ${now.label})`;
  if (champion.classes.join('\n') !== now.classes.join('\n'))
    return `knows other classes (${champion.classes.join(', ')}, now ${now.classes.join(', ')})`;
  return undefined;
}

async function missingColumns(
  { store, engine }: RegistryActivityDependencies,
  input: FindChampionInput,
  question: TrainInput,
): Promise<string[]> {
  const { directory } = await store.open(input.split);
  const file = path.join(directory, 'holdout.parquet');
  const session = await engine.open({ readable: [file], writable: [] });
  try {
    const columns = new Set(
      (await session.describe(`SELECT * FROM read_parquet(${quoteLiteral(file)})`)).map(({ name }) => name),
    );
    return question.features.inputs.map(({ name }) => name).filter((name) => !columns.has(name));
  } finally {
    session.close();
  }
}
