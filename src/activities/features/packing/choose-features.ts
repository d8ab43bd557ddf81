/** Which columns are features as they are. */
import { MillraceError } from '../../../contracts/errors';
import { didYouMean } from '../../../contracts/file-problems';
import { labelOf, type PipelineSpec } from '../../../contracts/pipeline-file';
import { sameColumn } from '../../sql/column-names';
import { LARGEST_INTEGER } from '../logical-types';
import type { ColumnFacts } from './column-facts';

/** The selected columns, and why others were left out that one might expect. */
export interface ChosenFeatures {
  readonly select: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * The columns that `features.select` names; without it all but the key, the label, the columns that the split goes by, the entities and moments
 * of point-in-time views, and what cannot be a feature or says nothing: types without a feature, whole numbers beyond ±2^53, columns
 * with one value or none. What the data decides is said in a warning; what the file decides is not.
 * @throws LEAKAGE_FOUND where the label or the key is selected; FEATURE_INVALID for an unknown or unusable column.
 */
export function chooseFeatures(spec: PipelineSpec, columns: readonly ColumnFacts[]): ChosenFeatures {
  return spec.features.select === undefined
    ? chooseByDefault(spec, columns)
    : { select: namedColumns(spec, spec.features.select, columns), warnings: [] };
}

function chooseByDefault(spec: PipelineSpec, columns: readonly ColumnFacts[]): ChosenFeatures {
  const roles = roleColumns(spec);
  const select: string[] = [];
  const warnings: string[] = [];
  for (const column of columns) {
    if (roles.some((role) => sameColumn(role, column.name))) continue;
    const useless = uselessness(column);
    if (useless !== undefined) {
      warnings.push(`Column ${column.name} is left out of the features: ${useless}.`);
      continue;
    }
    select.push(column.name);
    if (column.identifier && !spec.features.text.includes(column.name))
      warnings.push(
        `Column ${column.name} has another text in almost every row: leave it out with features.select, or name it in features.text.`,
      );
  }
  return { select, warnings };
}

/** Columns that say which row it is, when, in which group, or what is to be predicted. */
function roleColumns(spec: PipelineSpec): string[] {
  const { dataset, split, features } = spec;
  return [
    dataset.key,
    dataset.label,
    split.group,
    split.time?.column,
    ...features.pointInTime.flatMap((view) => [view.entity, view.at]),
  ].filter((name) => name !== undefined);
}

function uselessness(column: ColumnFacts): string | undefined {
  if (column.type === undefined) return `its type ${column.duckdbType} is none that a feature can have`;
  if (column.allMissing) return 'it has no value in any row';
  if (column.constant) return 'it has the same value in every row';
  if (column.tooLarge) return `it has whole numbers beyond ±2^53 (${LARGEST_INTEGER}), as identifiers do`;
  return undefined;
}

function namedColumns(
  spec: PipelineSpec,
  names: readonly string[],
  columns: readonly ColumnFacts[],
): string[] {
  const { key } = spec.dataset;
  const label = labelOf(spec.dataset);
  names.forEach((name, index) => {
    const where = `features.select[${index}]: ${name}`;
    if (sameColumn(name, label) || (key !== undefined && sameColumn(name, key)))
      throw new MillraceError(
        'LEAKAGE_FOUND',
        `The ${sameColumn(name, label) ? 'label' : 'key'} ${name} is selected as a feature.`,
        {
          where,
          mend: 'Take it out of features.select.',
        },
      );
    const column = columns.find((known) => known.name === name);
    if (column === undefined)
      throw invalid(
        `There is no column ${name}${didYouMean(
          name,
          columns.map((known) => known.name),
        )}.`,
        where,
        'Mend the name.',
      );
    if (column.type === undefined)
      throw invalid(
        `Column ${name} has the type ${column.duckdbType}, which no feature can have.`,
        where,
        'Turn it into a number, Boolean, text, date or timestamp in dataset.sql.',
      );
    if (column.tooLarge)
      throw invalid(
        `Column ${name} has whole numbers beyond ±2^53, which would be rounded.`,
        where,
        'Leave it out, or make it a text or a smaller number in dataset.sql.',
      );
    if (names.indexOf(name) !== index)
      throw invalid(`Column ${name} is selected twice.`, where, 'Name it once.');
  });
  return [...names];
}

function invalid(message: string, where: string, mend: string): MillraceError {
  return new MillraceError('FEATURE_INVALID', message, { where, mend });
}
