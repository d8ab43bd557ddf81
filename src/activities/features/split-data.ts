/** The activity `splitData`: which side each row is on, and whether anything leaks across. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MillraceError } from '../../contracts/errors';
import { labelOf, type PipelineSpec } from '../../contracts/pipeline-file';
import type { SplitDataInput, SplitDataOutput } from '../../contracts/steps';
import { featurePackingSchema, type FeaturePacking } from '../../contracts/trainer';
import { quoteLiteral, type TableSession } from '../../ports/table-engine';
import type { StoredArtifact } from '../../ports/artifact-store';
import { runCachedStep } from '../cached-step';
import { withTables } from '../long-work';
import { loadSpec } from '../stored-spec';
import type { FeatureDependencies } from './dependencies';
import { judgeLeakage, leakageFindingsSchema } from './leakage/findings';
import { measureLeakage } from './leakage/measure-leakage';
import { assignSides, type Assignment } from './split/assign-sides';
import { checkSides, type SideCounts } from './split/check-sides';
import { encodedLabel, refuseUnknownLabels } from './split/labels';
import { writeSides } from './split/write-sides';
import { JOINED_FILE, LEAKAGE_FILE, PACKING_FILE, SPLIT_FILES } from './step-files';
import { atMost, MOST_WARNINGS } from './warnings';

interface Summary extends SideCounts {
  readonly dropped: number;
  readonly byTime: boolean;
  readonly warnings: readonly string[];
}

/**
 * Splits the rows and looks for leakage. What was measured is kept under the step `leakage`; the limits are applied anew each time, so that
 * changing them splits and trains nothing again.
 * @throws SPLIT_TOO_SMALL; LEAKAGE_FOUND unless `quality.leakage.severity` is warn; DATASET_INVALID where a row has no usable label or time.
 */
export async function splitData(deps: FeatureDependencies, input: SplitDataInput): Promise<SplitDataOutput> {
  const { store, engine, codeDigest } = deps;
  const { spec } = await loadSpec(store, input.spec);
  const features = await store.open(input.features);
  const packing = featurePackingSchema.parse(
    JSON.parse(await readFile(join(features.directory, PACKING_FILE), 'utf8')),
  );
  const split = await runCachedStep<Summary>(store, {
    identity: {
      step: 'split',
      code: codeDigest,
      params: {
        split: spec.split,
        key: spec.dataset.key,
        label: spec.dataset.label,
        task: input.task,
        classes: input.classes,
      },
      inputs: { features: features.ref.digest },
    },
    fresh: input.fresh,
    write: (directory) => {
      const source = join(features.directory, JOINED_FILE);
      return withTables(engine, { readable: [source], writable: [directory] }, (session) =>
        writeSplit(session, spec, packing, input, source, directory),
      );
    },
  });
  const leakage = await measured(deps, input, spec, packing, split.stored);
  const findings = leakageFindingsSchema.parse(
    JSON.parse(await readFile(join(leakage.directory, LEAKAGE_FILE), 'utf8')),
  );
  const verdict = judgeLeakage(findings, spec.quality, split.summary.byTime);
  if (verdict.leaks.length > 0 && spec.quality.leakage.severity === 'fail') throw leaking(verdict.leaks);
  const { train, validation, holdout, dropped } = split.summary;
  return {
    artifact: split.artifact,
    cached: split.cached,
    train,
    validation,
    holdout,
    dropped,
    leakage: leakage.ref,
    warnings: atMost(MOST_WARNINGS, [...verdict.leaks, ...split.summary.warnings, ...verdict.advice]),
  };
}

async function writeSplit(
  session: TableSession,
  spec: PipelineSpec,
  packing: FeaturePacking,
  { task, classes }: SplitDataInput,
  source: string,
  directory: string,
): Promise<Summary> {
  await session.run(`CREATE TEMP VIEW joined AS SELECT * FROM read_parquet(${quoteLiteral(source)})`);
  const columns = await session.describe('SELECT * FROM joined');
  const label = labelOf(spec.dataset);
  const assignment = await assignSides(session, spec, columns, encodedLabel(label, task, classes));
  await refuseUnknownLabels(session, label, task);
  const counts = await checkSides(session, task, classes, mendFor(assignment));
  await writeSides(
    session,
    { columns, packing, label, task, classes, clustered: assignment.by !== 'key' },
    directory,
  );
  const { rows } = await session.row('SELECT count(*) AS rows FROM joined');
  const dropped = Number(rows) - counts.train - counts.validation - counts.holdout;
  await writeFile(
    join(directory, SPLIT_FILES.split),
    `${JSON.stringify({ ...assignment, ...counts, dropped }, null, 2)}\n`,
  );
  return { ...counts, dropped, byTime: assignment.by === 'time', warnings: warningsOf(assignment) };
}

function mendFor(assignment: Assignment): string {
  if (assignment.by === 'time')
    return 'Use more rows, other shares, or a shorter split.time.gap; rows of one instant are never parted.';
  if (assignment.by === 'group')
    return 'Use more groups, other shares, or another split.seed; a group is never parted.';
  return 'Use more rows, or larger shares in split.validation and split.holdout.';
}

function warningsOf(assignment: Assignment): string[] {
  if (assignment.by !== 'group' || assignment.withoutGroup === 0) return [];
  return [
    `${assignment.withoutGroup} rows have no ${assignment.column}: they count as one group and stand on one side.`,
  ];
}

async function measured(
  { store, engine, codeDigest }: FeatureDependencies,
  input: SplitDataInput,
  spec: PipelineSpec,
  packing: FeaturePacking,
  split: StoredArtifact,
): Promise<StoredArtifact> {
  const result = await runCachedStep(store, {
    identity: {
      step: 'leakage',
      code: codeDigest,
      params: {
        packing,
        key: spec.dataset.key,
        label: spec.dataset.label,
        entities: spec.features.pointInTime.map((view) => view.entity),
        task: input.task,
        classes: input.classes,
      },
      inputs: { split: split.ref.digest },
    },
    fresh: input.fresh,
    write: (directory) => {
      const readable = [SPLIT_FILES.rows, SPLIT_FILES.train].map((file) => join(split.directory, file));
      return withTables(engine, { readable, writable: [directory] }, async (session) => {
        const findings = await measureLeakage(
          session,
          split.directory,
          spec,
          packing,
          input.task,
          input.classes,
        );
        await writeFile(join(directory, LEAKAGE_FILE), `${JSON.stringify(findings, null, 2)}\n`);
        return { features: findings.features.length };
      });
    },
  });
  return result.stored;
}

function leaking(leaks: readonly string[]): MillraceError {
  return new MillraceError('LEAKAGE_FOUND', atMost(5, leaks).join(' '), {
    where: 'features and split',
    mend: 'Leave out what is not known when the model is asked; drop copies with dataset.dropDuplicates; keep what belongs together on one side with split.group. What is no leak is let through by quality.leakage.',
    details: { leaks: atMost(MOST_WARNINGS, leaks) },
  });
}
