/** Reads what a run has left in the store. */
import type { ArtifactRef } from '../../../contracts/artifacts';
import {
  candidateEvaluationSchema,
  holdoutEvaluationSchema,
  type CandidateEvaluation,
} from '../../../contracts/evaluation-document';
import { profileSchema, qualityReportSchema } from '../../../contracts/profile';
import type { WriteReportInput } from '../../../contracts/steps';
import { featurePackingSchema } from '../../../contracts/trainer';
import type { ArtifactStore } from '../../../ports/artifact-store';
import { acquiredSourcesSchema, PROFILE_FILE, QUALITY_FILE, SOURCES_FILE } from '../../data/step-files';
import { leakageFindingsSchema } from '../../features/leakage/findings';
import { LEAKAGE_FILE, PACKING_FILE } from '../../features/step-files';
import { SPEC_FILE, type StoredSpec } from '../../stored-spec';
import type { LineageStep, ReportData } from '../report-data';
import { ArtifactReader, type Checked } from './artifact-reader';
import { splitSummarySchema, warningsSchema } from './summaries';

/** Was checked when it was written, by the activity that resolved the pipeline file. */
const storedSpec: Checked<StoredSpec> = { parse: (value) => value as StoredSpec };

/** @throws what a retry can help; see {@link ArtifactReader}. */
export async function loadReportData(
  store: ArtifactStore,
  run: WriteReportInput,
  workflowUrl: string,
): Promise<ReportData> {
  const reader = new ArtifactReader(store);
  const { artifacts, status } = run;
  const json = <T>(
    role: string,
    ref: ArtifactRef | undefined,
    file: string,
    schema: Checked<T>,
  ): Promise<T | undefined> => reader.json(role, ref, file, schema);

  const stored = await json('pipeline file', artifacts.spec, SPEC_FILE, storedSpec);
  const evaluations: Record<string, CandidateEvaluation> = {};
  for (const [candidate, ref] of Object.entries(artifacts.evaluations)) {
    const evaluation = await json(
      `evaluation of ${candidate}`,
      ref,
      'evaluation.json',
      candidateEvaluationSchema,
    );
    if (evaluation) evaluations[candidate] = evaluation;
  }
  const winner = status.candidates.find(({ name }) => name === status.winner);
  const lineage: LineageStep[] = [];
  const refs: [string, ArtifactRef | undefined][] = [
    ['pipeline file', artifacts.spec],
    ['sources', artifacts.acquired],
    ['table of features.python', artifacts.made],
    ['dataset', artifacts.dataset],
    ['features', artifacts.features],
    ['split', artifacts.split],
    [`model ${winner?.name ?? ''}`, winner?.artifact],
    ['hold-out evaluation', artifacts.holdout],
  ];
  for (const [role, ref] of refs) {
    const manifest = await reader.manifest(role, ref);
    if (manifest) lineage.push({ role, manifest });
  }
  return {
    run,
    spec: stored?.spec,
    origin: stored?.origin,
    sources: await json('sources', artifacts.acquired, SOURCES_FILE, acquiredSourcesSchema),
    profile: await json('profile', artifacts.profile, PROFILE_FILE, profileSchema),
    quality: await json('quality', artifacts.quality, QUALITY_FILE, qualityReportSchema),
    packing: await json('features', artifacts.features, PACKING_FILE, featurePackingSchema),
    split: await reader.summary('split', artifacts.split, splitSummarySchema),
    leakage: await json('leakage', artifacts.leakage, LEAKAGE_FILE, leakageFindingsSchema),
    warnings: [
      ...((await reader.summary('features', artifacts.features, warningsSchema))?.warnings ?? []),
      ...((await reader.summary('split', artifacts.split, warningsSchema))?.warnings ?? []),
    ],
    holdout: await json('hold-out evaluation', artifacts.holdout, 'holdout.json', holdoutEvaluationSchema),
    evaluations,
    lineage,
    unreadable: reader.unreadable,
    workflowUrl,
  };
}
