/** Twenty rows, and the results of rules over them. */
import type { QualityReport, RuleResult } from '../../../src/contracts/profile';
import type { PipelineFile } from '../../../src/contracts/pipeline-file';
import type { DataProject } from './data-project';

export type Quality = NonNullable<PipelineFile['quality']>;
export type ColumnRules = NonNullable<Quality['columns']>[string];

/** 20 rows: v is 1 … 20, w is 1 throughout but for 100 in the last row and nothing in the first two. */
const ROWS = Array.from({ length: 20 }, (_, index) => {
  const i = index + 1;
  const w = i <= 2 ? '' : i === 20 ? '100.5' : '1.0';
  const day = `2024-01-${String(i).padStart(2, '0')}`;
  return `k${i},${i},${w},${i % 2 === 0 ? 'even' : 'odd'},${day},${day} 10:00:00,${i % 4 === 0},${i},${i <= 15 ? 'no' : 'yes'}`;
});

/** Writes the rows as `rows.csv`. */
export function writeTwentyRows(project: DataProject): Promise<void> {
  return project.file('rows.csv', `id,v,w,kind,day,"at",flag,text,y\n${ROWS.join('\n')}\n`);
}

/** The results of rules that only warn, so that broken ones can be looked at too. */
export async function checkRules(
  project: DataProject,
  quality: Quality,
  dataset: Partial<PipelineFile['dataset']> = {},
): Promise<RuleResult[]> {
  const warning: Quality = {
    ...quality,
    columns: Object.fromEntries(
      Object.entries(quality.columns ?? {}).map(([name, rules]) => [
        name,
        { ...rules, severity: 'warn' as const },
      ]),
    ),
  };
  const { quality: ref } = await project.validate({
    sources: { rows: { uri: 'rows.csv', types: { text: 'VARCHAR' } } },
    dataset: { key: 'id', label: 'y', ...dataset },
    quality: warning,
  });
  const report: QualityReport = await project.quality(ref);
  return report.rules;
}
