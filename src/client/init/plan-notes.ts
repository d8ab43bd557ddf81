/** What a person should know about a pipeline that was written for them. Pure. */
import type { PipelinePlan } from './pipeline-plan';
import type { PlacedFile } from './place-file';
import type { AlmostNumbers } from './table-facts';

const FEW_ROWS = 500;
const RARE_CLASS = 50;

/** Sentences, the most important first, the next step last. */
export function planNotes(plan: PipelinePlan, placed: PlacedFile, path: string): string[] {
  const { table, label, target, key, features } = plan;
  const notes = [
    `${table.rows} rows and ${table.columns.length} columns in ${placed.uri}${placed.copied ? ', copied into the project' : ''}.`,
    `${label.name} is ${targetWords(plan)}.`,
    key === undefined
      ? 'No column is unique: rows are identified by their content.'
      : `${key} identifies a row.`,
    `${features.select.length === 1 ? '1 column is a feature' : `${features.select.length} columns are features`}${features.text.length === 0 ? '' : `, ${features.text.map(({ name }) => name).join(', ')} as free text`}${
      features.dropped.length === 0
        ? ''
        : `; left out: ${features.dropped.map(({ column }) => column.name).join(', ')}`
    }.`,
  ];
  for (const { column, why } of features.dropped)
    if (why.startsWith('it alone tells')) notes.push(`Look at ${column.name}: ${why}.`);
  for (const { name, almostNumbers } of table.columns)
    if (almostNumbers && almostNumbers.others.length > 0) notes.push(almostNumbersNote(name, almostNumbers));
  if (label.missing > 0)
    notes.push(`${label.missing} rows have no label and are left out by the dataset's SQL.`);
  if (table.rows < FEW_ROWS)
    notes.push(`${table.rows} rows are few: intervals will be wide, and a gate hard to pass.`);
  const rare = target.classes.filter(({ count }) => count < RARE_CLASS);
  if (rare.length > 0)
    notes.push(
      `Rare classes (${rare
        .slice(0, 5)
        .map(({ value, count }) => `${String(value)}: ${count}`)
        .join(', ')}) may be missing on one side of the split; merge or leave them out with dataset.sql.`,
    );
  const [moment] = features.moments;
  if (moment !== undefined)
    notes.push(`${moment.name} may say when a row was: the file shows how to hold out the newest rows.`);
  return [...notes, `Next: read ${path}, then millrace run ${plan.name}`];
}

/** A column of numbers that is read as text would be a category with hundreds of values. */
function almostNumbersNote(name: string, { share, others }: AlmostNumbers): string {
  const shown = others.map((text) => JSON.stringify(text)).join(', ');
  return share === 1
    ? `Look at ${name}: its numbers are written as ${shown}, so it is read as text; write them with a decimal point, or derive a number.`
    : `Look at ${name}: ${(100 * share).toFixed(0)} % of its values are numbers, but ${shown} make it text; where that means missing, name it in the source's \`nulls\`.`;
}

function targetWords({ target }: PipelinePlan): string {
  const total = target.classes.reduce((sum, { count }) => sum + count, 0);
  if (target.task === 'regression') return 'a number: the task is regression';
  if (target.task === 'multiclass') return `one of ${target.classes.length} classes`;
  const count = target.classes.find(({ value }) => value === target.positive)?.count ?? 0;
  return `binary; positive is ${JSON.stringify(target.positive)}, ${target.positiveBecause ?? ''} (${((100 * count) / total).toFixed(1)} % of rows)`;
}
