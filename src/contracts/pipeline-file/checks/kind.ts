/** Whether a pipeline trains or publishes a data set, and that it is one of them in all its sections. */
import type { PipelineSpec } from '../index';
import type { CheckContext, Refuse } from './context';

/** Sections that a pipeline without candidates has no use for. */
const OF_TRAINING = ['candidates', 'split', 'training', 'evaluation', 'registry', 'deploy'] as const;
/** What the features of a model have; a data set has the columns of its table. */
const OF_A_MODEL = ['select', 'derive', 'text', 'pointInTime'] as const;
const OF_A_LABEL = ['label', 'positive', 'task'] as const;

/** The kind of the pipeline; undefined where the file has not what either needs. */
export function checkKind(
  spec: PipelineSpec,
  context: CheckContext,
  refuse: Refuse,
): 'training' | 'dataset' | undefined {
  if (spec.publish === undefined) return checkTraining(spec, refuse) ? 'training' : undefined;
  const foreign = (path: string[]): void =>
    refuse(path, 'is for a pipeline that trains; this one publishes a data set: use two files', 'key');
  for (const section of OF_TRAINING) if (context.isWritten([section])) foreign([section]);
  if (spec.features.python === undefined) {
    if (context.isWritten(['features'])) foreign(['features']);
  } else for (const key of OF_A_MODEL) if (context.isWritten(['features', key])) foreign(['features', key]);
  for (const key of OF_A_LABEL) if (spec.dataset[key] !== undefined) foreign(['dataset', key]);
  for (const rule of ['balance', 'leakage'] as const)
    if (context.isWritten(['quality', rule])) foreign(['quality', rule]);
  return 'dataset';
}

function checkTraining({ candidates, dataset }: PipelineSpec, refuse: Refuse): boolean {
  const instead = 'or publish: { dataset: NAME }, to publish a data set instead of a model';
  if (candidates.length === 0) refuse(['candidates'], `is missing: name the models that compete, ${instead}`);
  if (dataset.label === undefined)
    refuse(['dataset', 'label'], `is missing: name the column that is predicted, ${instead}`);
  return candidates.length > 0 && dataset.label !== undefined;
}
