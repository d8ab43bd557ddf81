/** A Python function that makes the table, against the sections that say the same in other ways. */
import { featureCodeOf } from '../feature-code';
import type { PipelineSpec } from '../index';
import type { Refuse } from './context';

/** `features.python`, in a pipeline of either kind. */
export function checkFeatureCode(
  { features, dataset, sources }: PipelineSpec,
  kind: 'training' | 'dataset',
  refuse: Refuse,
): void {
  const code = featureCodeOf(features);
  if (code === undefined) return;
  if (code.timeout <= 0)
    refuse(['features', 'python', 'timeout'], 'no function can run in no time: give a duration such as 2h');
  if (dataset.sql !== undefined)
    refuse(
      ['dataset', 'sql'],
      'features.python makes the table: give one of them, or publish the SQL as a data set of its own and read it here',
      'key',
    );
  if (kind === 'dataset') {
    if (dataset.from !== undefined)
      refuse(['dataset', 'from'], 'features.python gets all sources: take it out', 'key');
    return;
  }
  if (dataset.key === undefined)
    refuse(
      ['dataset'],
      'features.python needs a key: the function does not see the label, which is joined to its rows by the key',
      'key',
    );
  const names = Object.keys(sources);
  if (dataset.from === undefined && names.length > 1)
    refuse(['dataset'], `which source has the label? add from: (one of ${names.join(', ')})`, 'key');
}
