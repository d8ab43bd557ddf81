/** What the results of the rules mean for the run. */
import { MillraceError } from '../../../contracts/errors';
import type { QualityReport, RuleResult } from '../../../contracts/profile';

/** It goes through Temporal's history: so many rules are told in full, the others by name. */
const TOLD_IN_FULL = 12;
const NAMED = 100;
const MOST_WARNINGS = 20;
const SAMPLES_IN_DETAILS = 3;

/** Broken rules of severity warn, as sentences, at most 20. */
export function warningsOf({ rules }: QualityReport): string[] {
  const broken = rules.filter(({ passed, severity }) => !passed && severity === 'warn').map(sentence);
  if (broken.length <= MOST_WARNINGS) return broken;
  return [...broken.slice(0, MOST_WARNINGS - 1), `And ${broken.length - MOST_WARNINGS + 1} more.`];
}

/** `QUALITY_FAILED` naming every broken rule of severity fail, or undefined when there is none. */
export function failureOf({ rules }: QualityReport): MillraceError | undefined {
  const broken = rules.filter(({ passed, severity }) => !passed && severity === 'fail');
  const [first] = broken;
  if (first === undefined) return undefined;
  const told = broken.slice(0, TOLD_IN_FULL).map(sentence);
  const named = broken.slice(TOLD_IN_FULL, TOLD_IN_FULL + NAMED).map(nameOf);
  const rest = broken.length - told.length - named.length;
  const also =
    named.length === 0 ? [] : [`Also broken: ${named.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}.`];
  const [is, rule] = broken.length === 1 ? ['is', 'rule'] : ['are', 'rules'];
  return new MillraceError(
    'QUALITY_FAILED',
    [
      `${broken.length} of ${rules.length} quality ${rules.length === 1 ? 'rule' : rule} ${is} broken.`,
      ...told,
      ...also,
    ].join(' '),
    {
      where: broken.length === 1 ? placeOf(first) : 'quality',
      mend: 'Mend the data, or, where the rule is too strict, change it or give it severity: warn.',
      details: {
        broken: broken.slice(0, TOLD_IN_FULL).map(({ rule: kind, column, count, share, samples }) => ({
          rule: kind,
          ...(column !== undefined && { column }),
          count,
          share,
          samples: samples.slice(0, SAMPLES_IN_DETAILS),
        })),
      },
    },
  );
}

function sentence(result: RuleResult): string {
  const samples = result.samples
    .slice(0, SAMPLES_IN_DETAILS)
    .map(({ row, value }) => (value === null ? row : `${row}: ${JSON.stringify(value)}`));
  const examples = samples.length === 0 ? '' : ` (rows ${samples.join(', ')})`;
  return `${nameOf(result)}: expected ${result.expected}, found ${result.observed}${examples}.`;
}

function nameOf({ rule, column }: RuleResult): string {
  return column === undefined ? rule : `${rule} of ${column}`;
}

function placeOf({ rule, column }: RuleResult): string {
  if (column === undefined || rule === 'freshness') return `quality.${rule}`;
  return rule === 'present' ? `quality.columns.${column}` : `quality.columns.${column}.${rule}`;
}
