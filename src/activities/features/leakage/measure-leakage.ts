/** Measures everything that {@link judgeLeakage} looks at, from the files of a split. */
import { join } from 'node:path';
import { labelOf, type PipelineSpec } from '../../../contracts/pipeline-file';
import type { FeaturePacking, Task } from '../../../contracts/trainer';
import { quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { findColumn, RESERVED_PREFIX } from '../../sql/column-names';
import { SPLIT_FILES } from '../step-files';
import type { LeakageFindings, SharedFigures } from './findings';
import { measureFeatures } from './single-features';
import { findTwins, sharedValues } from './twins';

/** `directory` holds the files of the split. */
export async function measureLeakage(
  session: TableSession,
  directory: string,
  spec: PipelineSpec,
  packing: FeaturePacking,
  task: Task,
  classes: readonly string[],
): Promise<LeakageFindings> {
  const file = quoteLiteral(join(directory, SPLIT_FILES.rows));
  await session.run(`CREATE TEMP VIEW sides AS SELECT * FROM read_parquet(${file})`);
  const columns = (await session.describe('SELECT * FROM sides')).filter(
    (column) => !column.name.startsWith(RESERVED_PREFIX),
  );
  const shared = async (names: readonly (string | undefined)[]): Promise<SharedFigures[]> => {
    const found = new Set(
      names.map((name) => (name === undefined ? undefined : findColumn(columns, name)?.name)),
    );
    const figures: SharedFigures[] = [];
    for (const name of found) if (name !== undefined) figures.push(await sharedValues(session, name));
    return figures;
  };
  const keys = await shared([spec.dataset.key]);
  const entities = await shared(
    spec.features.pointInTime.map((view) => view.entity).filter((entity) => entity !== spec.dataset.key),
  );
  const twins = await findTwins(session, columns, keys[0]?.column);
  const label = labelOf(spec.dataset);
  const measured = await measureFeatures(session, join(directory, SPLIT_FILES.train), packing, {
    label,
    task,
    classes,
  });
  return { ...measured, measure: task === 'regression' ? 'rank_correlation' : 'auc', twins, keys, entities };
}
