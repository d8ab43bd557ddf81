/** Rows to split, with a key, a group and times, and what becomes of them. */
import type { SplitDataOutput } from '../../src/contracts/steps';
import type { FeatureProject, PipelineSketch } from './feature-project';

/** All of a pipeline but its dataset. */
export type SplitSketch = Omit<PipelineSketch, 'dataset'>;

export const dataset = { key: 'id', label: 'churn' };

/** Rows with keys `k<from>` to `k<to - 1>`, in a random order that `shuffle` decides. */
export function rows(from: number, to: number, shuffle = 0): string {
  return `SELECT 'r' || i AS __row_id, 'k' || i AS id, i % 3 = 0 AS churn, hash(i) % 1000 AS a, 'g' || (hash(i, 7) % 60) AS household, sin(i) AS b,
    TIMESTAMP '2024-01-01' + INTERVAL (i) HOUR AS seen, DATE '2024-01-01' + CAST(i // 24 AS INTEGER) AS day, i AS step
    FROM range(${from}, ${to}) AS numbers(i) ORDER BY hash(i, ${shuffle})`;
}

export const classes = ['false', 'true'];
/** Features `a` and `b`, then the split. */
export function splitRows(
  project: FeatureProject,
  select: string,
  sketch: SplitSketch = {},
): Promise<SplitDataOutput> {
  return project.split(select, { dataset, features: { select: ['a', 'b'] }, ...sketch }, 'binary', classes);
}

/** Row id → side, in the order of the row ids. */
export async function sidesOf(
  project: FeatureProject,
  select: string,
  sketch: SplitSketch = {},
): Promise<Map<string, string>> {
  const output = await splitRows(project, select, sketch);
  const found = await project.rows(output.artifact, 'rows.parquet');
  return new Map(found.map((row) => [String(row.__row_id), String(row.__side)]));
}
