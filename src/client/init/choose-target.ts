/** What the label makes of the task. Pure. */
import { MillraceError } from '../../contracts/errors';
import type { Task } from '../../contracts/trainer';
import type { ColumnFacts, PlainValue } from './table-facts';

/** The label's column as a target. */
export interface Target {
  readonly task: Task;
  /** Of binary tasks. */
  readonly positive?: PlainValue;
  /** Why this value is the positive one, for a comment. */
  readonly positiveBecause?: string;
  /** Classes with their counts, most frequent first; empty for regression. */
  readonly classes: readonly { readonly value: PlainValue; readonly count: number }[];
}

const MOST_CLASSES = 100;
/** As a run decides it: whole numbers of more values are quantities. */
const MOST_INTEGER_CLASSES = 20;

const POSITIVE = new Set(
  'yes y true t 1 positive pos churn churned bad default defaulted fraud fraudulent spam malignant disease sick survived failed failure cancelled converted clicked subscribed attack anomaly abnormal'.split(
    ' ',
  ),
);
const NEGATIVE = new Set(
  'no n false f 0 negative neg good ham benign healthy normal none not legit legitimate active retained'.split(
    ' ',
  ),
);

/** @throws DATASET_INVALID when nothing can be learnt to predict this column. */
export function chooseTarget(label: ColumnFacts, rows: number): Target {
  const { values, distinct, type, name } = label;
  if (distinct < 2)
    throw unfit(
      name,
      distinct === 0
        ? 'has no values'
        : `has the same value ${JSON.stringify(values[0]?.value)} in every row`,
    );
  if (type === 'date' || type === 'timestamp') throw unfit(name, `is a ${type}`);
  if (label.nested) throw unfit(name, 'has nested values');
  if (distinct === 2) return { task: 'binary', ...positiveOf(values), classes: values };
  const isNumber = type === 'integer' || type === 'double';
  if (isNumber && (type === 'double' || distinct > MOST_INTEGER_CLASSES))
    return { task: 'regression', classes: [] };
  if (distinct > MOST_CLASSES)
    throw unfit(
      name,
      `has ${distinct} different texts in ${rows} rows: more than the ${MOST_CLASSES} classes that can be told apart`,
    );
  return { task: 'multiclass', classes: values };
}

function positiveOf(values: Target['classes']): Pick<Target, 'positive' | 'positiveBecause'> {
  const [often, rare] = values;
  if (often === undefined || rare === undefined) return {};
  const word = (entry: { value: PlainValue }): string => String(entry.value).trim().toLowerCase();
  for (const entry of [rare, often]) {
    const other = entry === rare ? often : rare;
    if (POSITIVE.has(word(entry)) && !POSITIVE.has(word(other)))
      return { positive: entry.value, positiveBecause: 'by its name' };
    if (NEGATIVE.has(word(other)) && !NEGATIVE.has(word(entry)))
      return { positive: entry.value, positiveBecause: 'since the other one says no' };
  }
  return { positive: rare.value, positiveBecause: 'the rarer one' };
}

function unfit(name: string, why: string): MillraceError {
  return new MillraceError('DATASET_INVALID', `The column ${name} cannot be the label: it ${why}.`, {
    where: name,
    mend: 'Name another column with --label.',
  });
}
