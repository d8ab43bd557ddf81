/** A value as it comes out of a table: what JSON can hold; 64-bit integers beyond 2^53 and decimals come as strings. */
export type Cell = string | number | boolean | null;

/** What a session may touch; everything else is refused by the engine itself, whatever the SQL says. */
export interface SessionOptions {
  /** Absolute paths of files that SQL may read. */
  readonly readable: readonly string[];
  /** Absolute folders that SQL may read and write (staging folders, a spill folder). */
  readonly writable: readonly string[];
  /** Bytes of memory; beyond it the engine spills to its own temporary folder. */
  readonly memoryBytes?: number;
  readonly threads?: number;
}

/** One in-memory database with external access off and its configuration locked. */
export interface TableSession {
  /** Runs statements without a result. */
  run(sql: string, values?: readonly Cell[]): Promise<void>;
  /** All rows of a (small) result. */
  rows(sql: string, values?: readonly Cell[]): Promise<Record<string, Cell>[]>;
  /** Exactly one row. @throws INTERNAL when there are none or more. */
  row(sql: string, values?: readonly Cell[]): Promise<Record<string, Cell>>;
  /** Columns of a numeric result as arrays, one per column, in order; null becomes NaN. For evaluation: millions of rows without an object each. */
  numericColumns(sql: string): Promise<Float64Array[]>;
  /** Names and DuckDB types of what a query returns, without running it. */
  describe(sql: string): Promise<{ name: string; type: string }[]>;
  close(): void;
}

/** Opens sessions. Errors of SQL come as Error with the engine's words; callers give them a code. */
export interface TableEngine {
  open(options: SessionOptions): Promise<TableSession>;
}

/** Quotes an identifier for SQL. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text literal for SQL. */
export function quoteLiteral(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
