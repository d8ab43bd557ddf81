import type { DuckDBConnection, DuckDBInstance, DuckDBMaterializedResult } from '@duckdb/node-api';
import { MillraceError } from '../../contracts/errors';
import type { Cell, TableSession } from '../../ports/table-engine';
import { parameterType, toCell, toNumber } from './cells';

/** A {@link TableSession} over one in-memory DuckDB database with one connection: statements run one after the other. */
export class DuckDbSession implements TableSession {
  #running = 0;
  #closing = false;

  /** `release` runs once, after the database is gone. */
  constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly release: () => void,
  ) {}

  async run(sql: string, values?: readonly Cell[]): Promise<void> {
    await this.#execute(sql, values, () => Promise.resolve());
  }

  rows(sql: string, values?: readonly Cell[]): Promise<Record<string, Cell>[]> {
    return this.#execute(sql, values, async (result) => {
      const names = result.deduplicatedColumnNames();
      const types = result.columnTypes();
      const rows: Record<string, Cell>[] = [];
      for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk())
        for (const values of chunk.getRows())
          rows.push(
            Object.fromEntries(
              names.map((name, index) => [name, toCell(values[index] ?? null, typeAt(types, index))]),
            ),
          );
      return rows;
    });
  }

  async row(sql: string, values?: readonly Cell[]): Promise<Record<string, Cell>> {
    const rows = await this.rows(sql, values);
    const [first] = rows;
    if (rows.length !== 1 || first === undefined)
      throw new MillraceError('INTERNAL', `A query that must give one row gave ${rows.length}.`, {
        where: sql.slice(0, 200),
      });
    return first;
  }

  numericColumns(sql: string): Promise<Float64Array[]> {
    return this.#execute(sql, undefined, async (result) => {
      const types = result.columnTypes();
      const columns = types.map(() => new Float64Array(result.rowCount));
      let offset = 0;
      for (let chunk = await result.fetchChunk(); chunk?.rowCount; chunk = await result.fetchChunk()) {
        for (const [index, column] of columns.entries()) {
          const vector = chunk.getColumnVector(index);
          const type = typeAt(types, index);
          for (let row = 0; row < chunk.rowCount; row++)
            column[offset + row] = toNumber(vector.getItem(row), type);
        }
        offset += chunk.rowCount;
      }
      return columns;
    });
  }

  async describe(sql: string): Promise<{ name: string; type: string }[]> {
    // Of several statements all but the last would run.
    const { count } = await this.connection.extractStatements(sql);
    if (count !== 1) throw new Error(`Expected one statement, not ${count}.`);
    const rows = await this.rows(`DESCRIBE ${sql}`);
    return rows.map((row) => ({ name: String(row.column_name), type: String(row.column_type) }));
  }

  close(): void {
    if (this.#closing) return;
    this.#closing = true;
    // A database must not be taken away under a running statement: that one is interrupted, rejects, and closes behind itself.
    if (this.#running === 0) this.#dispose();
    else this.#interrupt();
  }

  async #execute<Result>(
    sql: string,
    values: readonly Cell[] | undefined,
    read: (result: DuckDBMaterializedResult) => Promise<Result>,
  ): Promise<Result> {
    if (this.#closing) throw new MillraceError('INTERNAL', 'The table session is closed.');
    this.#running++;
    try {
      const result =
        values === undefined
          ? await this.connection.run(sql)
          : await this.connection.run(sql, [...values], values.map(parameterType));
      return await read(result);
    } finally {
      this.#running--;
      if (this.#isClosing() && this.#running === 0) this.#dispose();
    }
  }

  /** Again and again: an interrupt that comes before the statement has begun on its thread is lost. */
  #interrupt(): void {
    this.connection.interrupt();
    const again = setInterval(() => {
      if (this.#running === 0) clearInterval(again);
      else this.connection.interrupt();
    }, 5);
  }

  /** A call, since it may have changed while a statement ran. */
  #isClosing(): boolean {
    return this.#closing;
  }

  #dispose(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    this.release();
  }
}

function typeAt<Type>(types: readonly Type[], index: number): Type {
  const type = types[index];
  if (type === undefined) throw new MillraceError('INTERNAL', `A result has no column ${index}.`);
  return type;
}
