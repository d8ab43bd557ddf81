/** The activity `validateData`: the profile of the dataset, and the quality rules. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  datasetColumnsSchema,
  profileSchema,
  qualityReportSchema,
  type Profile,
} from '../../../contracts/profile';
import {
  validateDataInputSchema,
  type BuildDatasetOutput,
  type BuildTableOutput,
  type ValidateDataInput,
  type ValidateDataOutput,
} from '../../../contracts/steps';
import type { PipelineSpec, Quality } from '../../../contracts/pipeline-file';
import type { StoredArtifact } from '../../../ports/artifact-store';
import { quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { runCachedStep, type StepResult } from '../../cached-step';
import { withTables } from '../../long-work';
import { loadSpec } from '../../stored-spec';
import type { DataActivityDependencies } from '../dependencies';
import { profileDataset, type ProfiledDataset } from '../profile/profile-dataset';
import { COLUMNS_FILE, DATASET_FILE, PROFILE_FILE, QUALITY_FILE } from '../step-files';
import { checkRules, refuseMeaningless } from './check-rules';
import { columnRules } from './column-rules';
import { freshnessOf } from './freshness';
import { tableRules } from './table-rules';
import { failureOf, warningsOf } from './verdict';

/**
 * Profiles the dataset and checks the rules. Both outputs are kept, also when a rule is broken; only the freshness is judged anew each time.
 * @throws QUALITY_FAILED naming every broken rule of severity fail; PIPELINE_FILE_INVALID for a rule that means nothing.
 */
export async function validateData(
  dependencies: DataActivityDependencies,
  given: ValidateDataInput,
): Promise<ValidateDataOutput> {
  const { store } = dependencies;
  const input = validateDataInputSchema.parse(given);
  const { spec, origin } = await loadSpec(store, input.spec);
  const quality = rulesFor(spec.quality, origin.sample);
  const stored = await store.open(input.dataset);
  const dataset = await readDataset(stored, spec);
  const profiled = await runProfile(dependencies, input, stored, dataset);
  const profile = profileSchema.parse(
    JSON.parse(await readFile(join(profiled.stored.directory, PROFILE_FILE), 'utf8')),
  );
  const checked = await runQuality(dependencies, input, stored, quality, dataset, profile);
  const report = qualityReportSchema.parse(
    JSON.parse(await readFile(join(checked.stored.directory, QUALITY_FILE), 'utf8')),
  );
  const failure = failureOf(report);
  if (failure !== undefined) throw failure;
  return {
    profile: profiled.artifact,
    quality: checked.artifact,
    cached: profiled.cached && checked.cached,
    checked: report.rules.length,
    warnings: [
      ...warningsOf(report),
      ...(quality === spec.quality ? [] : ['rows: not judged, because the run takes a sample']),
    ],
  };
}

/** A sample has as many rows as were asked for: the rule about their number is about the whole table. */
function rulesFor(quality: Quality, sample: number | undefined): Quality {
  if (sample === undefined || quality.rows === undefined) return quality;
  const { rows: _rows, ...others } = quality;
  return others;
}

async function readDataset(
  { directory, manifest }: StoredArtifact,
  spec: PipelineSpec,
): Promise<ProfiledDataset> {
  const columns = datasetColumnsSchema.parse(
    JSON.parse(await readFile(join(directory, COLUMNS_FILE), 'utf8')),
  );
  // The summary is trusted as buildDataset wrote it: the digest of this code is part of its key.
  const { rows, task, classes } = manifest.summary as BuildTableOutput & Partial<BuildDatasetOutput>;
  const { label } = spec.dataset;
  return {
    table: `read_parquet(${quoteLiteral(join(directory, DATASET_FILE))})`,
    columns,
    rows,
    key: spec.dataset.key,
    ...(label !== undefined && task && classes && { label: { name: label, target: { task, classes } } }),
  };
}

function runProfile(
  { store, engine, codeDigest }: DataActivityDependencies,
  input: ValidateDataInput,
  stored: StoredArtifact,
  dataset: ProfiledDataset,
): Promise<StepResult<null>> {
  const { key, label } = dataset;
  return runCachedStep<null>(store, {
    identity: {
      step: 'profile',
      code: codeDigest,
      params: { key, label },
      inputs: { dataset: stored.ref.digest },
    },
    fresh: input.fresh,
    write: async (directory) => {
      const profile = await overDataset(engine, stored, (session) => profileDataset(session, dataset));
      await writeJson(join(directory, PROFILE_FILE), profile);
      return null;
    },
  });
}

function runQuality(
  { store, engine, codeDigest }: DataActivityDependencies,
  input: ValidateDataInput,
  stored: StoredArtifact,
  rules: Quality,
  dataset: ProfiledDataset,
  profile: Profile,
): Promise<StepResult<null>> {
  const { leakage: _leakage, ...quality } = rules;
  const { key, label } = dataset;
  const freshness = freshnessOf(rules, profile, Date.now());
  return runCachedStep<null>(store, {
    identity: {
      step: 'quality',
      code: codeDigest,
      params: { quality, key, label, freshness },
      inputs: { dataset: stored.ref.digest },
    },
    fresh: input.fresh,
    write: async (directory) => {
      const results = await overDataset(engine, stored, async (session) => {
        await refuseMeaningless(session, rules, profile);
        return checkRules(session, dataset.table, [
          ...tableRules(rules, profile, dataset, freshness),
          ...columnRules(rules, profile, dataset.table),
        ]);
      });
      await writeJson(join(directory, QUALITY_FILE), { version: 1, rows: profile.rows, rules: results });
      return null;
    },
  });
}

function overDataset<Result>(
  engine: DataActivityDependencies['engine'],
  { directory }: StoredArtifact,
  work: (session: TableSession) => Promise<Result>,
): Promise<Result> {
  return withTables(engine, { readable: [join(directory, DATASET_FILE)], writable: [] }, work);
}

function writeJson(file: string, content: unknown): Promise<void> {
  return writeFile(file, `${JSON.stringify(content, null, 1)}\n`);
}
