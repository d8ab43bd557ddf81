/** Checks rules against the data. */
import { MillraceError } from '../../../contracts/errors';
import type { Quality } from '../../../contracts/pipeline-file';
import type { Profile, RuleResult } from '../../../contracts/profile';
import { ROW_ID_COLUMN } from '../../../contracts/trainer';
import { quoteIdentifier, type TableSession } from '../../../ports/table-engine';
import { cut } from '../read/read-errors';
import type { RuleCheck } from './rule-check';

/** Rows shown of a broken rule. */
const SAMPLE_ROWS = 5;
const SAMPLE_CHARACTERS = 60;

/** Refuses patterns and bounds that mean nothing to the engine. @throws PIPELINE_FILE_INVALID naming the rule. */
export async function refuseMeaningless(
  session: TableSession,
  quality: Quality,
  profile: Profile,
): Promise<void> {
  for (const [name, rules] of Object.entries(quality.columns)) {
    if (rules.pattern !== undefined)
      await session
        .row("SELECT regexp_full_match('', $1) AS matched", [rules.pattern])
        .catch((error: unknown) => {
          throw meaningless(name, 'pattern', `${rules.pattern} is no RE2 pattern`, error);
        });
    const type = profile.columns.find((column) => column.name === name)?.type;
    if (type !== 'date' && type !== 'timestamp') continue;
    for (const side of ['min', 'max'] as const) {
      const bound = rules[side];
      if (typeof bound !== 'string') continue;
      const { moment } = await session.row('SELECT TRY_CAST($1 AS TIMESTAMP) AS moment', [bound]);
      if (moment === null) throw meaningless(name, side, `${bound} is no date or timestamp`);
    }
  }
}

/** Checks all rules: one pass over the data for the rows that break them, and a look at a few rows of each that is broken. */
export async function checkRules(
  session: TableSession,
  table: string,
  checks: readonly RuleCheck[],
): Promise<RuleResult[]> {
  const counted = checks.map(({ counted }, index) =>
    counted === undefined ? [] : [`count(*) FILTER (${counted}) AS c${index}`],
  );
  const found =
    counted.flat().length === 0 ? {} : await session.row(`SELECT ${counted.flat().join(', ')} FROM ${table}`);
  const results: RuleResult[] = [];
  for (const [index, check] of checks.entries()) {
    const count =
      check.repeated === undefined
        ? Number(found[`c${index}`] ?? 0)
        : await countRepeats(session, table, check.repeated);
    const finding = check.find(count);
    results.push({
      rule: check.rule,
      ...(check.column !== undefined && { column: check.column }),
      severity: check.severity,
      expected: check.expected,
      ...finding,
      samples: finding.passed ? [] : await sampleRows(session, table, check),
    });
  }
  return results;
}

async function countRepeats(session: TableSession, table: string, column: string): Promise<number> {
  const { repeats } = await session.row(
    `SELECT coalesce(sum(n), 0) AS repeats
     FROM (SELECT count(*) AS n FROM ${table} WHERE ${column} IS NOT NULL GROUP BY ${column} HAVING count(*) > 1)`,
  );
  return Number(repeats);
}

async function sampleRows(
  session: TableSession,
  table: string,
  { shown, counted, value }: RuleCheck,
): Promise<RuleResult['samples']> {
  const condition = shown ?? counted;
  if (condition === undefined) return [];
  const rows = await session.rows(
    `SELECT ${quoteIdentifier(ROW_ID_COLUMN)} AS id, left(CAST(${value ?? 'NULL'} AS VARCHAR), ${SAMPLE_CHARACTERS + 1}) AS value
     FROM ${table} WHERE ${condition} LIMIT ${SAMPLE_ROWS}`,
  );
  return rows.map(({ id, value: text }) => ({
    row: cut(String(id), SAMPLE_CHARACTERS),
    value: text === null || text === undefined ? null : cut(String(text), SAMPLE_CHARACTERS),
  }));
}

function meaningless(column: string, rule: string, reason: string, cause?: unknown): MillraceError {
  return new MillraceError('PIPELINE_FILE_INVALID', `A quality rule means nothing: ${reason}.`, {
    where: `quality.columns.${column}.${rule}`,
    mend:
      rule === 'pattern'
        ? 'Write a regular expression as RE2 has it (no look-around, no back-references).'
        : 'Write it as 2024-01-31 or 2024-01-31 10:00:00.',
    cause,
  });
}
