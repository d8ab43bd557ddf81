/** What kind of target the label is, and its classes. */
import { MillraceError } from '../../../contracts/errors';
import type { ColumnType } from '../../../contracts/profile';
import type { Dataset } from '../../../contracts/pipeline-file';
import type { Task } from '../../../contracts/trainer';
import type { Cell } from '../../../ports/table-engine';

/** Most classes that a label may have. */
export const MAX_CLASSES = 100;
/** A whole-number label with more distinct values than this is a quantity, not a class, unless `task` says otherwise. */
const MAX_INTEGER_CLASSES = 20;

/** The label's column as it was found. */
export interface LabelFacts {
  readonly name: string;
  readonly type: ColumnType;
  /** Distinct values as text with their counts, in the order of the values; at most {@link MAX_CLASSES} + 1. */
  readonly values: readonly { readonly text: string; readonly count: number }[];
  /** `dataset.positive` in the label's own text (`1.0` for 1 in a column of doubles), or null where it has not the label's type. */
  readonly positive?: Cell;
}

/** The task and, for classification, the classes in score order. */
export interface Target {
  readonly task: Task;
  readonly classes: string[];
}

/**
 * Tells the task: `positive` or two distinct values make it binary, text and few whole numbers multiclass, other numbers regression; `task`
 * overrides. For binary without `positive` the larger value (in the order of numbers or of text) is the positive one.
 * @throws DATASET_INVALID when the label cannot be such a target.
 */
export function targetOf(dataset: Dataset, label: LabelFacts): Target {
  const { values } = label;
  const [first, second] = values;
  if (first === undefined || second === undefined)
    throw invalid(
      `The label ${label.name} has one value only${first === undefined ? '' : `: ${first.text}, in all ${first.count} rows`}.`,
      'A model needs rows of at least two classes: check the source and the WHERE of dataset.sql.',
    );
  if (label.type === 'date' || label.type === 'timestamp')
    throw invalid(
      `The label ${label.name} is a ${label.type}.`,
      'Make a number or a class of it in dataset.sql.',
    );
  const task = dataset.task ?? inferredTask(dataset, label);
  if (task === 'regression') return regression(dataset, label);
  if (values.length > MAX_CLASSES)
    throw invalid(
      `The label ${label.name} has more than ${MAX_CLASSES} distinct values, so that it is no class.`,
      label.type === 'string'
        ? 'Name another label, or group its values in dataset.sql.'
        : 'Say task: regression, or group its values in dataset.sql.',
    );
  if (task === 'multiclass') {
    if (dataset.positive !== undefined)
      throw invalid('positive makes a task binary, and task says multiclass.', 'Take one of them out.');
    return { task, classes: values.map(({ text }) => text) };
  }
  return binary(dataset, label, first.text, second.text);
}

function inferredTask(dataset: Dataset, { type, values }: LabelFacts): Task {
  if (dataset.positive !== undefined || type === 'boolean' || values.length === 2) return 'binary';
  if (type === 'string' || (type === 'integer' && values.length <= MAX_INTEGER_CLASSES)) return 'multiclass';
  return 'regression';
}

function regression(dataset: Dataset, label: LabelFacts): Target {
  if (dataset.positive !== undefined)
    throw invalid('positive makes a task binary, and task says regression.', 'Take one of them out.');
  if (label.type !== 'integer' && label.type !== 'double')
    throw invalid(
      `The label ${label.name} is ${label.type === 'string' ? 'text' : 'Boolean'}, and regression needs a number.`,
      'Set its type under types of the source, or take task: regression out.',
    );
  return { task: 'regression', classes: [] };
}

function binary(dataset: Dataset, label: LabelFacts, first: string, second: string): Target {
  const names = label.values.slice(0, 10).map(({ text }) => JSON.stringify(text));
  const known = `${names.join(', ')}${label.values.length > 10 ? ', …' : ''}`;
  if (dataset.positive !== undefined && !label.values.some(({ text }) => text === label.positive))
    throw invalid(
      `No row has ${JSON.stringify(dataset.positive)} as its label ${label.name}, and positive names it.`,
      `Its values are ${known}.`,
    );
  // A third value may be a class of its own or a sign of missing labels: nobody but the owner of the data knows.
  if (label.values.length > 2)
    throw invalid(
      `The label ${label.name} has ${label.values.length} values (${known}), and the task is binary.`,
      `Leave rows out or merge values in dataset.sql, for example WHERE ${label.name} IN (…); for all of them say task: multiclass, without positive.`,
    );
  return { task: 'binary', classes: label.positive === first ? [second, first] : [first, second] };
}

function invalid(message: string, mend: string): MillraceError {
  return new MillraceError('DATASET_INVALID', message, { where: 'dataset.label', mend });
}
