/** The rules about single columns. */
import { didYouMean } from '../../../contracts/file-problems';
import type { ColumnRules, Quality } from '../../../contracts/pipeline-file';
import type { ColumnProfile, Profile, QualityRule } from '../../../contracts/profile';
import { quoteIdentifier } from '../../../ports/table-engine';
import { figure, noneMay, percent, rowCount, whole, type Finding, type RuleCheck } from './rule-check';
import { boundCondition, notAllowed, patternMissed } from './row-conditions';
import { typeRule } from './type-rule';

/** The checks of `quality.columns`, in the order of the file. */
export function columnRules(quality: Quality, profile: Profile, table: string): RuleCheck[] {
  return Object.entries(quality.columns).flatMap(([name, rules]) => {
    const column = profile.columns.find((known) => known.name === name);
    if (column !== undefined) return rulesOf(table, column, rules);
    const names = profile.columns.map((known) => known.name);
    return rules.optional
      ? []
      : [
          {
            rule: 'present',
            column: name,
            severity: rules.severity,
            expected: 'the column is there',
            find: whole(false, `there is no such column${didYouMean(name, names)}`),
          },
        ];
  });
}

function rulesOf(table: string, column: ColumnProfile, rules: ColumnRules): RuleCheck[] {
  const name = quoteIdentifier(column.name);
  const check = (rule: QualityRule, rest: Omit<RuleCheck, 'rule' | 'column' | 'severity'>): RuleCheck => ({
    rule,
    column: column.name,
    severity: rules.severity,
    value: name,
    ...rest,
  });
  const checks: RuleCheck[] = [];
  if (rules.type !== undefined) checks.push(check('type', typeRule(column, rules.type)));
  if (rules.nulls !== undefined) checks.push(check('nulls', nulls(column, rules.nulls.max)));
  if (rules.unique === true) checks.push(check('unique', unique(table, column)));
  for (const side of ['min', 'max'] as const) {
    const bound = rules[side];
    if (bound === undefined) continue;
    const expected = `${side === 'min' ? 'no value below' : 'no value above'} ${bound}`;
    const condition = boundCondition(column, side, bound);
    checks.push(
      check(
        side,
        condition === undefined
          ? {
              expected,
              find: whole(
                false,
                `the column is ${column.type} and does not compare with ${JSON.stringify(bound)}`,
              ),
            }
          : {
              expected,
              counted: condition,
              find: noneMay(
                column.count,
                (count) => `${rowCount(count)}, ${side === 'min' ? 'smallest' : 'largest'} ${column[side]}`,
              ),
            },
      ),
    );
  }
  if (rules.allowed !== undefined) {
    const shown = rules.allowed.slice(0, 10).map((value) => JSON.stringify(value));
    checks.push(
      check('allowed', {
        expected: `only ${shown.join(', ')}${rules.allowed.length > 10 ? ', …' : ''}`,
        counted: notAllowed(column, rules.allowed),
        find: noneMay(column.count, (count) => `${rowCount(count)} with another value`),
      }),
    );
  }
  if (rules.mean !== undefined) checks.push(check('mean', moment('mean', column, rules.mean)));
  if (rules.std !== undefined) checks.push(check('std', moment('std', column, rules.std)));
  if (rules.outliers !== undefined) checks.push(check('outliers', outliers(column, rules.outliers)));
  if (rules.pattern !== undefined)
    checks.push(
      check('pattern', {
        expected: `every value matches ${rules.pattern}`,
        counted: patternMissed(column, rules.pattern),
        find: noneMay(column.count, (count) => `${rowCount(count)} without a match`),
      }),
    );
  return checks;
}

type Rest = Omit<RuleCheck, 'rule' | 'column' | 'severity'>;

function nulls({ name, count, missing }: ColumnProfile, max: number): Rest {
  const rows = count + missing;
  const share = rows === 0 ? 0 : missing / rows;
  return {
    expected: `at most ${percent(max)} missing`,
    shown: `${quoteIdentifier(name)} IS NULL`,
    find: () => ({
      passed: share <= max,
      observed: `${percent(share)} missing (${rowCount(missing)})`,
      count: missing,
      share,
    }),
  };
}

function unique(table: string, { name, count }: ColumnProfile): Rest {
  const column = quoteIdentifier(name);
  return {
    expected: 'every value once',
    repeated: column,
    shown: `${column} IN (SELECT ${column} FROM ${table} GROUP BY 1 HAVING count(*) > 1)`,
    find: noneMay(count, (repeats) => `${rowCount(repeats)} with a value that another row has`),
  };
}

function moment(kind: 'mean' | 'std', column: ColumnProfile, [low, high]: readonly [number, number]): Rest {
  const found = column[kind];
  const words = kind === 'mean' ? 'mean' : 'standard deviation';
  return {
    expected: `a ${words} from ${low} to ${high}`,
    find:
      found === null
        ? whole(false, `no ${words}: the column is ${column.type} and has ${column.count} values`)
        : whole(found >= low && found <= high, `a ${words} of ${figure(found)}`),
  };
}

function outliers(column: ColumnProfile, rule: NonNullable<ColumnRules['outliers']>): Rest {
  const expected = `at most ${percent(rule.max)} further than ${rule.deviations} standard deviations from the mean`;
  const { mean, std, type, count } = column;
  if (type !== 'integer' && type !== 'double')
    return { expected, find: whole(false, `the column is ${type}, not a number`) };
  if (mean === null || std === null) return { expected, find: whole(true, 'too few values to tell') };
  return {
    expected,
    counted: `abs(CAST(${quoteIdentifier(column.name)} AS DOUBLE) - (${mean})) > ${rule.deviations * std}`,
    find: (found): Finding => {
      const share = count === 0 ? 0 : found / count;
      return {
        passed: share <= rule.max,
        observed: `${percent(share)} (${rowCount(found)})`,
        count: found,
        share,
      };
    },
  };
}
