/** The rules about the table as a whole. All of them are read off the profile. */
import { didYouMean } from '../../../contracts/file-problems';
import type { Quality } from '../../../contracts/pipeline-file';
import type { Profile } from '../../../contracts/profile';
import { formatDuration } from '../../../contracts/quantities';
import { ROW_ID_COLUMN } from '../../../contracts/trainer';
import { quoteIdentifier } from '../../../ports/table-engine';
import { contentOf, type ProfiledDataset } from '../profile/profile-dataset';
import type { Freshness } from './freshness';
import { percent, rowCount, whole, type RuleCheck } from './rule-check';

/** The checks of all sections but `columns`. */
export function tableRules(
  quality: Quality,
  profile: Profile,
  dataset: ProfiledDataset,
  freshness: Freshness | undefined,
): RuleCheck[] {
  return [
    ...rows(quality, profile),
    ...duplicates(quality, profile, dataset),
    ...balance(quality, profile),
    ...fresh(quality, freshness),
    ...closedSchema(quality, dataset),
  ];
}

function rows({ rows: rule }: Quality, { rows: found }: Profile): RuleCheck[] {
  if (rule === undefined) return [];
  const { min, max, severity } = rule;
  return [
    ...(min === undefined ? [] : [{ expected: `at least ${rowCount(min)}`, passed: found >= min }]),
    ...(max === undefined ? [] : [{ expected: `at most ${rowCount(max)}`, passed: found <= max }]),
  ].map(({ expected, passed }) => ({
    rule: 'rows',
    severity,
    expected,
    find: whole(passed, rowCount(found)),
  }));
}

function duplicates({ duplicates: rule }: Quality, profile: Profile, dataset: ProfiledDataset): RuleCheck[] {
  if (rule === undefined) return [];
  const share = profile.rows === 0 ? 0 : profile.duplicates / profile.rows;
  const id = quoteIdentifier(ROW_ID_COLUMN);
  const content = contentOf(dataset);
  return [
    {
      rule: 'duplicates',
      severity: rule.severity,
      expected: `at most ${percent(rule.max)} of the rows repeat another one in all columns but the key`,
      shown:
        dataset.key === undefined
          ? `contains(${id}, '-')`
          : `${content} IN (SELECT ${content} FROM ${dataset.table} GROUP BY 1 HAVING count(*) > 1)`,
      find: () => ({
        passed: share <= rule.max,
        observed: `${percent(share)} (${rowCount(profile.duplicates)})`,
        count: profile.duplicates,
        share,
      }),
    },
  ];
}

function balance({ balance: rule }: Quality, { label }: Profile): RuleCheck[] {
  if (rule === undefined || label === undefined) return [];
  const check = { rule: 'balance', severity: rule.severity } as const;
  const expected = `the smallest class has at least ${percent(rule.min)} of the rows of the largest`;
  if (label.task === 'regression')
    return [{ ...check, expected, find: whole(false, `${label.name} is a quantity and has no classes`) }];
  const sorted = [...label.classes].sort((a, b) => a.count - b.count);
  const [smallest] = sorted;
  const largest = sorted.at(-1);
  if (smallest === undefined || largest === undefined) return [];
  const ratio = largest.count === 0 ? 0 : smallest.count / largest.count;
  const observed = `${percent(ratio)} (${smallest.name}: ${rowCount(smallest.count)}, ${largest.name}: ${rowCount(largest.count)})`;
  return [{ ...check, expected, find: whole(ratio >= rule.min, observed) }];
}

function fresh({ freshness: rule }: Quality, freshness: Freshness | undefined): RuleCheck[] {
  if (rule === undefined || freshness === undefined) return [];
  return [
    {
      rule: 'freshness',
      column: rule.column,
      severity: rule.severity,
      expected: `newest value at most ${formatDuration(rule.max)} old when the run looks`,
      find: whole(freshness.fresh, freshness.observed),
    },
  ];
}

function closedSchema(quality: Quality, { columns, key, label }: ProfiledDataset): RuleCheck[] {
  if (quality.schema !== 'closed') return [];
  // Key and label are named by the pipeline file already.
  const named = new Set([
    ...Object.keys(quality.columns),
    ...[label?.name, key].filter((name) => name !== undefined),
  ]);
  const unnamed = columns.map(({ name }) => name).filter((name) => !named.has(name));
  const listed = unnamed.slice(0, 10).map(
    (name) =>
      `${name}${didYouMean(
        name,
        [...named].filter((known) => !columns.some((column) => column.name === known)),
      )}`,
  );
  return [
    {
      rule: 'schema',
      severity: 'fail',
      expected: 'no column but those under quality.columns, the key and the label',
      find: whole(
        unnamed.length === 0,
        unnamed.length === 0
          ? 'none'
          : `${unnamed.length} more: ${listed.join(', ')}${unnamed.length > 10 ? ', …' : ''}`,
      ),
    },
  ];
}
