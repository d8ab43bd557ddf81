/** Derived features: checked, and run once over all rows, so that what fails fails here and not in every trainer. */
import { MillraceError } from '../../../contracts/errors';
import { labelOf, type PipelineSpec } from '../../../contracts/pipeline-file';
import { quoteIdentifier, type TableSession } from '../../../ports/table-engine';
import { sameColumn } from '../../sql/column-names';
import { engineWords } from '../engine-words';
import { createExpressionChecker } from '../expressions/check-expression';
import { invalid } from '../expressions/refusals';
import { bracketed } from '../../sql/syntax-tree';
import { canonicalColumn, logicalTypeOf, type LogicalType } from '../logical-types';
import type { ColumnFacts } from './column-facts';

/** The derived features of a pipeline. */
export interface DerivedFeatures {
  /** Columns that they need, in the order of the data. */
  readonly references: readonly string[];
  /** Feature → type; a text that is not declared as one is a category. */
  readonly types: ReadonlyMap<string, LogicalType>;
  readonly warnings: readonly string[];
}

/** The view over which expressions run here, in the trainer and in the served model: inputs in their form, by their names. */
export const SOURCE_ROWS = 'source_rows';

/** Makes the session's view {@link SOURCE_ROWS} over `table`, with these columns as inputs. */
export async function createSourceRows(
  session: TableSession,
  table: string,
  columns: readonly { readonly name: string; readonly type: LogicalType }[],
  others: readonly string[] = [],
): Promise<void> {
  const list = [...others, ...columns.map((column) => canonicalColumn(column.name, column.type))];
  await session.run(
    `CREATE OR REPLACE TEMP VIEW ${SOURCE_ROWS} AS SELECT ${list.join(', ') || '1'} FROM ${table}`,
  );
}

/**
 * Checks the expressions of `features.derive` and runs each over all rows of the session's table `joined`.
 * @throws FEATURE_INVALID for a name that is taken, an expression that is refused, fails on a row, or has a type that no feature can have;
 * LEAKAGE_FOUND.
 */
export async function checkDerivedFeatures(
  session: TableSession,
  spec: PipelineSpec,
  columns: readonly ColumnFacts[],
): Promise<DerivedFeatures> {
  const expressions = Object.entries(spec.features.derive);
  if (expressions.length === 0) return { references: [], types: new Map(), warnings: [] };
  refuseTakenNames(
    expressions.map(([feature]) => feature),
    columns,
  );
  const checker = await createExpressionChecker(session, {
    columns: columns.map((column) => column.name),
    label: labelOf(spec.dataset),
    key: spec.dataset.key,
    derived: expressions.map(([feature]) => feature),
  });
  const references = new Set<string>();
  for (const [feature, expression] of expressions)
    for (const name of await checker.check(feature, expression)) {
      const column = columns.find((known) => known.name === name);
      if (column?.type === undefined || column.tooLarge)
        throw invalid(
          { feature, expression },
          column?.tooLarge === true
            ? `${name} has whole numbers beyond ±2^53, which a served row cannot carry`
            : `${name} has the type ${column?.duckdbType ?? 'unknown'}, which a served row cannot carry`,
          'Turn it into a number, Boolean, text, date or timestamp in dataset.sql.',
        );
      references.add(name);
    }
  const inputs = columns.flatMap(({ name, type }) =>
    type !== undefined && references.has(name) ? [{ name, type }] : [],
  );
  await createSourceRows(session, 'joined', inputs);
  const types = new Map<string, LogicalType>();
  const warnings: string[] = [];
  for (const [feature, expression] of expressions) {
    types.set(feature, await typeOf(session, feature, expression));
    if (await isConstant(session, feature, expression))
      warnings.push(`The derived feature ${feature} has the same value in every row.`);
  }
  return { references: inputs.map((input) => input.name), types, warnings };
}

function refuseTakenNames(features: readonly string[], columns: readonly ColumnFacts[]): void {
  features.forEach((feature, index) => {
    const column = columns.find((known) => sameColumn(known.name, feature));
    if (column === undefined && !features.slice(0, index).some((other) => sameColumn(other, feature))) return;
    throw new MillraceError(
      'FEATURE_INVALID',
      `The derived feature ${feature} has the name of ${column === undefined ? 'another one' : 'a column'}; case does not tell names apart.`,
      { where: `features.derive.${feature}`, mend: 'Give it a name of its own.' },
    );
  });
}

async function typeOf(session: TableSession, feature: string, expression: string): Promise<LogicalType> {
  const [column] = await session
    .describe(`SELECT ${bracketed(expression)} AS ${quoteIdentifier(feature)} FROM ${SOURCE_ROWS}`)
    .catch((error: unknown) => {
      throw invalid({ feature, expression }, engineWords(error), 'Mend the expression.', error);
    });
  const type = column?.type ?? 'unknown';
  // A bare NULL: a feature that is always missing, and said so by the warning about constants.
  if (/^"?NULL"?$/.test(type)) return 'double';
  const logical = logicalTypeOf(type);
  if (logical === undefined || type.endsWith('WITH TIME ZONE'))
    throw invalid(
      { feature, expression },
      `it has the type ${type}`,
      'Cast it to a number, Boolean, text, date or timestamp without time zone.',
    );
  return logical;
}

/** Minimum and maximum, unlike a count, need the value of every row. */
async function isConstant(session: TableSession, feature: string, expression: string): Promise<boolean> {
  const found = await session
    .row(
      `SELECT min(value) IS NOT DISTINCT FROM max(value) AND count(value) IN (0, count(*)) AS constant
       FROM (SELECT ${bracketed(expression)} AS value FROM ${SOURCE_ROWS})`,
    )
    .catch((error: unknown) => {
      throw invalid(
        { feature, expression },
        `it fails on a row: ${engineWords(error)}`,
        'Guard it: TRY_CAST instead of CAST, nullif(divisor, 0), CASE WHEN … END.',
        error,
      );
    });
  return found.constant === true;
}
