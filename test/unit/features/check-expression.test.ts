/**
 * Catches: feature SQL that reaches the label, the key or another row by any spelling; SQL that gives another result tomorrow or on another
 * machine; honest SQL that is refused; a reference that is overlooked, so that a served row lacks a column.
 */
import { createDuckDbEngine } from '../../../src/adapters/table-engine/duckdb';
import {
  createExpressionChecker,
  type ExpressionChecker,
} from '../../../src/activities/features/expressions/check-expression';
import type { TableSession } from '../../../src/ports/table-engine';

let session: TableSession;
let checker: ExpressionChecker;

beforeAll(async () => {
  session = await createDuckDbEngine().open({ readable: [], writable: [] });
  checker = await createExpressionChecker(session, {
    columns: [
      'customer_id',
      'Tenure',
      'charges',
      'total',
      'note',
      'seen at',
      'doc',
      'Churn',
      '__row_id',
      'tags',
    ],
    label: 'Churn',
    key: 'customer_id',
    derived: ['per_month', 'other'],
  });
});

afterAll(() => session.close());

describe('what a feature may be, and the columns it needs', () => {
  test.each<[expression: string, columns: string[]]>([
    ['charges / greatest(Tenure, 1)', ['Tenure', 'charges']],
    ['CHARGES + tenure', ['Tenure', 'charges']],
    ['"seen at"::DATE', ['seen at']],
    ['1', []],
    [
      "CASE WHEN Tenure > 12 THEN 'old' WHEN total IS NULL THEN note ELSE upper(note) END",
      ['Tenure', 'total', 'note'],
    ],
    ['coalesce(try_cast(note AS DOUBLE), 0)', ['note']],
    ['Tenure BETWEEN 1 AND charges', ['Tenure', 'charges']],
    ["note LIKE '%churn%' AND note NOT ILIKE 'x%' OR note SIMILAR TO 'a+'", ['note']],
    ["note IN ('Churn', 'label')", ['note']],
    ["regexp_extract(note, 'Churn') || ' -- Churn'", ['note']],
    ['Tenure -- Churn', ['Tenure']],
    ['/* Churn */ Tenure', ['Tenure']],
    ['list_sum([Tenure, charges, total])', ['Tenure', 'charges', 'total']],
    ['list_transform(tags, x -> x + Tenure)', ['Tenure', 'tags']],
    ['list_transform(tags, lambda x: length(x))', ['tags']],
    ['list_reduce(tags, (x, y) -> x || y)', ['tags']],
    ['[x * charges for x in [1, 2] if x > 1]', ['charges']],
    ["doc -> '$.plan'", ['doc']],
    ["doc ->> '$.plan'", ['doc']],
    ["{'churn': Tenure}.churn", ['Tenure']],
    ['nullif(charges, 0)', ['charges']],
    ['fdiv(charges, total)', ['charges', 'total']],
    ["note COLLATE NOCASE = 'x'", ['note']],
    ['extract(dow FROM "seen at"::TIMESTAMP)', ['seen at']],
    ['"seen at"::TIMESTAMP + INTERVAL 3 DAY', ['seen at']],
    ["(\"seen at\"::TIMESTAMP AT TIME ZONE 'UTC') AT TIME ZONE 'Europe/Berlin'", ['seen at']],
    ["hour(to_timestamp(Tenure) AT TIME ZONE 'UTC')", ['Tenure']],
    ['age("seen at"::TIMESTAMP, TIMESTAMP \'2020-01-01\')', ['seen at']],
    ['Tenure ** 2 + Tenure // 3 + Tenure % 2 - ~Tenure + (Tenure << 1)', ['Tenure']],
    ['TRY(note::INTEGER)', ['note']],
    ['note[1:3]', ['note']],
    ['md5(note)', ['note']],
    ['if(Tenure > 1, charges, total)', ['Tenure', 'charges', 'total']],
    ['list_transform([1], tenure -> tenure + 1)[1]', ['Tenure']],
  ])('%s', async (expression, columns) => {
    expect(await checker.check('feature', expression)).toEqual(columns);
  });
});

describe('what reaches the label, the key or the row', () => {
  test.each([
    'Churn',
    'churn',
    '"CHURN"',
    't.churn',
    'source_rows.Churn',
    'main.t."cHuRn"',
    'CASE WHEN tenure > 1 THEN churn END',
    "churn = 'Yes'",
    'churn.lower()',
    'lower(churn)',
    'list_transform([1], x -> x + churn)',
    'list_transform(churn, x -> x)',
    'list_transform([1], churn -> 1)',
    "churn -> '$.x'",
    '[churn for x in [1]]',
    'struct_pack(a := churn).a',
    "{'a': churn}",
    'coalesce(NULL, churn)',
    'tenure + (churn)::INTEGER',
    'churn IS NULL',
    'churn COLLATE NOCASE',
    '/* harmless */ churn -- really',
    'tags["churn"]',
    "to_timestamp(churn) AT TIME ZONE 'UTC'",
    "churn.to_timestamp() AT TIME ZONE 'UTC'",
    'customer_id',
    'substr(Customer_Id, 1, 2)',
    '__row_id',
    '__side',
    'rowid',
    't.__label',
  ])('%s', async (expression) => {
    await expect(checker.check('feature', expression)).rejects.toMatchObject({
      code: 'LEAKAGE_FOUND',
      retryable: false,
      where: expect.stringContaining('features.derive.feature') as string,
    });
  });
});

describe('what is no repeatable expression over one row', () => {
  test.each<[expression: string, reason: RegExp]>([
    ['(SELECT 1)', /subquery/],
    ['(SELECT churn FROM dataset LIMIT 1)', /subquery/],
    ['tenure IN (SELECT tenure FROM dataset)', /subquery/],
    ['EXISTS (FROM dataset)', /subquery/],
    ['ARRAY(SELECT 1)', /subquery/],
    ['*', /every column|parse/],
    ['COLUMNS(*)', /every column/],
    ["COLUMNS('ch.*')", /every column/],
    ["COLUMNS(c -> c LIKE 'c%')", /every column/],
    ['greatest(*COLUMNS(*))', /every column/],
    ['coalesce(t.*)', /every column/],
    ['row_number() OVER ()', /window/],
    ['sum(tenure) OVER ()', /window/],
    ['lag(tenure) OVER (ORDER BY total)', /window/],
    ['sum(tenure)', /aggregates over rows/],
    ['count(*)', /aggregates over rows/],
    ['AVG(tenure)', /aggregates over rows/],
    ['sum(tenure) FILTER (total > 1)', /aggregates over rows/],
    ['geomean(tenure)', /aggregates over rows/],
    ['arg_max(churn, tenure)', /aggregates over rows/],
    ['unnest([1, 2])', /one row into several/],
    ['generate_subscripts([1], 1)', /one row into several/],
    ["read_text('secrets.txt')", /reads a table/],
    ["getvariable('x')", /clock or the session/],
    ["current_setting('threads')", /clock or the session/],
    ["getenv('HOME')", /clock or the session/],
    ['version()', /clock or the session/],
    ['random()', /another result/],
    ['uuid()', /another result/],
    ['gen_random_uuid()', /another result/],
    ["nextval('s')", /another result/],
    ["write_log('x')", /another result/],
    ['now()', /clock/],
    ['today()', /clock/],
    ['current_date', /clock/],
    ['current_timestamp', /clock/],
    ['get_current_timestamp()', /clock/],
    ['current_localtimestamp()', /clock/],
    ['ago(INTERVAL 1 DAY)', /clock/],
    ['age("seen at"::TIMESTAMP)', /clock/],
    ['user', /clock or the session/],
    ['pg_postmaster_start_time()', /clock or the session/],
    ['"seen at"::TIMESTAMPTZ', /time zone/],
    ['hour(to_timestamp(tenure))', /time zone/],
    ['hour("seen at"::TIMESTAMP AT TIME ZONE \'UTC\')', /time zone/],
    ["strptime(note, '%Y %z')", /time zone/],
    ['make_timestamptz(2020, 1, 1, 1, 1, 1)', /time zone/],
    ['tenur + 1', /no column tenur; did you mean Tenure\?/],
    ['source_rows', /no column source_rows/],
    ["struct_extract(source_rows, 'churn')", /no column source_rows/],
    ['dataset.tenure', /begins with no column/],
    ['per_month + 1', /derived feature/],
    ['note.lower()', /hides its argument/],
    ['lowwer(note)', /no function of DuckDB; did you mean lower\?/],
    ['#1', /position/],
    ['$1', /parameter/],
    ['?', /parameter/],
    ['GROUPING(tenure)', /groups/],
    ['tenure, total', /./],
    ['tenure) , (total', /more than one/],
    ['tenure) FROM (SELECT 1', /more than one/],
    ['tenure FROM dataset', /syntax/],
    ['1); DROP TABLE dataset; SELECT (1', /not one expression|DROP|parse|statement/i],
    ['tenure AS x', /syntax/],
    ['tenure ORDER BY 1', /syntax/],
    ['', /syntax/],
    ['   ', /syntax/],
    ['tenure /*', /comment/],
    ["note || 'x", /quoted|syntax/],
    ['DEFAULT', /DEFAULT/],
  ])('%s', async (expression, reason) => {
    // A row of values parses as an expression; that it has no type of a feature is found when its type is asked for.
    if (expression === 'tenure, total') {
      expect(await checker.check('feature', expression)).toEqual(['Tenure', 'total']);
      return;
    }
    const refused = checker.check('feature', expression);
    await expect(refused).rejects.toMatchObject({ code: 'FEATURE_INVALID', retryable: false });
    await expect(refused).rejects.toThrow(reason);
  });
});
