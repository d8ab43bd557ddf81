/** A column of a table of the engine. */
export interface TypedColumn {
  readonly name: string;
  /** DuckDB type. */
  readonly type: string;
}
