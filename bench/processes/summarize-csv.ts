/** DuckDB's own SUMMARIZE of a file, with its own defaults: `summarize-csv.ts FILE THREADS`. */
import { DuckDBInstance } from '@duckdb/node-api';
import { quoteLiteral } from '../../src/ports/table-engine';
import { tellMeasurement } from '../support/measured-process';
import { timed } from '../support/statistics';

async function main([file = '', threads = '1']: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(':memory:', { threads });
  const connection = await instance.connect();
  const { milliseconds, result } = await timed(async () => {
    const reader = await connection.runAndReadAll(`SUMMARIZE SELECT * FROM ${quoteLiteral(file)}`);
    return reader.currentRowCount;
  });
  tellMeasurement({ milliseconds: { summarize: milliseconds }, result: { columns: result } });
  connection.closeSync();
  instance.closeSync();
}

void main(process.argv.slice(2));
