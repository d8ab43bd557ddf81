/** A CSV of a chosen size, the same bytes for the same size: numbers, dates, categories, texts and gaps, as real tables have them. */
import { closeSync, openSync } from 'node:fs';
import { stat, truncate } from 'node:fs/promises';
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteLiteral } from '../../src/ports/table-engine';

const MEGABYTE = 1e6;
/** Rows from which the size of a row is told. */
const TRIAL_ROWS = 20_000;

/** Twenty columns; every value is a hash of its row's number, so that neither threads nor versions of a random generator change it. */
function rowsOf(count: number): string {
  const share = (salt: number): string => `((hash(i, ${salt}) % 1000003) / 1000003.0)`;
  return `SELECT
    i AS id,
    CASE WHEN ${share(1)} < 0.25 THEN 'yes' ELSE 'no' END AS label,
    CAST(hash(i, 2) % 73 AS INTEGER) AS tenure,
    CAST(hash(i, 3) % 100000 AS INTEGER) AS visits,
    CAST(hash(i, 4) % 5 AS INTEGER) AS dependents,
    hash(i, 5) % 9000000000 AS account,
    round(18.25 + 100 * ${share(6)}, 2) AS monthly_charges,
    round(8000 * ${share(7)} * ${share(8)}, 2) AS total_charges,
    CASE WHEN ${share(9)} > 0.1 THEN ${share(10)} END AS usage,
    ln(1 + 1000 * ${share(11)}) AS income,
    CASE WHEN ${share(12)} > 0.03 THEN round(${share(13)} - 0.5, 6) END AS trend,
    ${share(14)} > 0.5 AS paperless,
    DATE '2020-01-01' + CAST(hash(i, 15) % 2000 AS INTEGER) AS joined,
    TIMESTAMP '2024-01-01 00:00:00' + to_seconds(CAST(hash(i, 16) % 60000000 AS BIGINT)) AS seen_at,
    ['month', 'year', 'two years'][1 + CAST(hash(i, 17) % 3 AS INTEGER)] AS contract,
    ['card', 'transfer', 'check', 'cash'][1 + CAST(hash(i, 18) % 4 AS INTEGER)] AS payment,
    'region-' || (hash(i, 19) % 200) AS region,
    CASE WHEN ${share(20)} > 0.2 THEN 'agent ' || (hash(i, 21) % 5000) END AS agent,
    lower(hex(hash(i, 22))) || lower(hex(hash(i, 23))) AS device,
    'note ' || (hash(i, 24) % 1000) || ' of ' || (hash(i, 25) % 700) || ' about ' || (hash(i, 26) % 30) AS note
    FROM range(${count}) AS rows(i)`;
}

/** Writes about `megabytes` × 10⁶ bytes to `file`. @returns its size in bytes, and its rows. */
export async function generateCsv(
  file: string,
  megabytes: number,
): Promise<{ bytes: number; rows: number; columns: number }> {
  closeSync(openSync(file, 'w'));
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '1GB' });
  const connection = await instance.connect();
  try {
    const write = (rows: number): Promise<unknown> =>
      connection.run(`COPY (${rowsOf(rows)}) TO ${quoteLiteral(file)} (FORMAT csv, HEADER true)`);
    await write(TRIAL_ROWS);
    const { size } = await stat(file);
    await truncate(file);
    const rows = Math.ceil((megabytes * MEGABYTE * TRIAL_ROWS) / size);
    await write(rows);
    return { bytes: (await stat(file)).size, rows, columns: 20 };
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
