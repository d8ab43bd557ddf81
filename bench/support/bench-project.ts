/** The data activities over a real store in a folder, with a pipeline that validates the generated CSV. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createDataActivities } from '../../src/activities/data';
import { createFileArtifactStore } from '../../src/adapters/artifact-store/file';
import { createObjectReader } from '../../src/adapters/object-storage/object-reader';
import { createDuckDbEngine } from '../../src/adapters/table-engine/duckdb';
import type { DataActivities } from '../../src/contracts/activity-interfaces';
import type { ArtifactRef } from '../../src/contracts/artifacts';
import { digestOf } from '../../src/contracts/digest';
import { pipelineFileSchema } from '../../src/contracts/pipeline-file';

/** Name of the CSV in the project's folder. */
export const CSV_FILE = 'rows.csv';

/** Opens the project in `folder`; what an earlier process stored there is found again. */
export async function openBenchProject(
  folder: string,
  threads: number,
): Promise<{ activities: DataActivities; spec: ArtifactRef }> {
  const store = await createFileArtifactStore({ root: join(folder, 'store') });
  const engine = createDuckDbEngine({ spillRoot: join(folder, 'spill'), threads });
  const objects = createObjectReader({ projectRoot: folder, environment: { store: { path: 'store' } } });
  const spec = pipelineFileSchema.parse({
    apiVersion: 'millrace/v1',
    name: 'bench',
    sources: { rows: { uri: CSV_FILE } },
    dataset: { from: 'rows', key: 'id', label: 'label', positive: 'yes' },
    quality: QUALITY,
    candidates: [{ name: 'one', trainer: 'sklearn/logistic-regression' }],
  });
  const origin = {
    file: 'bench.yaml',
    directory: folder,
    projectRoot: folder,
    pipelineDigest: digestOf(spec),
  };
  const identity = { step: 'spec' as const, code: 'bench', params: spec, inputs: {} };
  const stored =
    (await store.find(identity)) ??
    (await store.commit(identity, async (staging) => {
      await writeFile(join(staging, 'spec.json'), JSON.stringify({ spec, origin }));
      return { summary: null };
    }));
  return {
    activities: createDataActivities({ store, engine, objects, ledger: NO_DATASETS, codeDigest: 'bench' }),
    spec: stored.ref,
  };
}

/** Nobody publishes a data set here. */
const NO_DATASETS = { findAnnouncement: () => Promise.resolve(undefined) };

/** A rule of each kind that a pipeline usually has. */
const QUALITY = {
  rows: { min: 1000 },
  duplicates: { max: 0.01 },
  balance: { min: 0.1 },
  columns: {
    id: { type: 'integer', unique: true, nulls: { max: 0 } },
    label: { allowed: ['yes', 'no'], nulls: { max: 0 } },
    tenure: { type: 'integer', min: 0, max: 100, mean: [20, 50] },
    monthly_charges: { type: 'double', min: 0, max: 200, std: [1, 100] },
    total_charges: { min: 0, outliers: { deviations: 6, max: 0.01 } },
    usage: { nulls: { max: 0.2 } },
    contract: { allowed: ['month', 'year', 'two years'] },
    region: { pattern: 'region-[0-9]+' },
    joined: { type: 'date', min: '2019-01-01' },
  },
};
