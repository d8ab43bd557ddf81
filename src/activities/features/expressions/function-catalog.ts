/** Which of DuckDB's functions may stand in a feature: those whose result depends on their arguments alone. */
import type { TableSession } from '../../../ports/table-engine';
import { asciiLower } from '../../sql/column-names';
import { childrenOf, parseExpression, type SyntaxNode } from '../../sql/syntax-tree';

/** Why a function may not stand in a feature. */
export type FunctionRefusal =
  'unknown' | 'aggregate' | 'rows' | 'not-repeatable' | 'environment' | 'time-zone';

interface FunctionEntry {
  readonly kinds: ReadonlySet<string>;
  readonly stabilities: ReadonlySet<string>;
  readonly definitions: readonly string[];
}

/**
 * Functions that read the clock or the session although DuckDB calls them consistent (measured on 1.5.6), or that are macros with the
 * answer of this engine in them.
 */
const ENVIRONMENT = new Set([
  'ago',
  'alias',
  'current_catalog',
  'current_localtime',
  'current_localtimestamp',
  'current_role',
  'current_setting',
  'current_time',
  'current_user',
  'getenv',
  'getvariable',
  'localtime',
  'localtimestamp',
  'session_user',
  'user',
  'version',
]);

/** Their result's parts depend on the time zone of the machine, unless a zone is named: see {@link check-expression}. */
export const ZONED_FUNCTIONS: ReadonlySet<string> = new Set(['to_timestamp', 'uuid_extract_timestamp']);
/** Their arguments are read in the time zone of the machine. */
const ZONE_READERS = new Set(['make_timestamptz']);

/** What the engine knows about its functions, read once a session. */
export class FunctionCatalog {
  readonly #refusals = new Map<string, FunctionRefusal | undefined>();

  private constructor(
    private readonly session: TableSession,
    private readonly entries: ReadonlyMap<string, FunctionEntry>,
  ) {}

  /** Reads the catalogue of the engine that is open. */
  static async load(session: TableSession): Promise<FunctionCatalog> {
    const rows = await session.rows(
      `SELECT lower(function_name) AS name, string_agg(DISTINCT function_type, ',') AS kinds,
              coalesce(string_agg(DISTINCT stability, ','), '') AS stabilities,
              to_json(list(DISTINCT macro_definition ORDER BY macro_definition) FILTER (macro_definition IS NOT NULL)) AS definitions
       FROM duckdb_functions() GROUP BY ALL ORDER BY ALL`,
    );
    const entries = rows.map((row): [string, FunctionEntry] => [
      String(row.name),
      {
        kinds: new Set(String(row.kinds).split(',')),
        stabilities: new Set(String(row.stabilities).split(',')),
        definitions: row.definitions === null ? [] : (JSON.parse(String(row.definitions)) as string[]),
      },
    ]);
    return new FunctionCatalog(session, new Map(entries));
  }

  /** Names of all functions that might be meant by a misspelt one. */
  names(): string[] {
    return [...this.entries].filter(([, entry]) => entry.kinds.has('scalar')).map(([name]) => name);
  }

  /** Why `name` is refused, or undefined when it may be used. A macro is judged by what it stands for. */
  async refusalOf(name: string): Promise<FunctionRefusal | undefined> {
    const known = asciiLower(name);
    if (!this.#refusals.has(known)) {
      // Permitted while it is looked at: a macro that calls itself must not be followed for ever.
      this.#refusals.set(known, undefined);
      this.#refusals.set(known, await this.#judge(known));
    }
    return this.#refusals.get(known);
  }

  async #judge(name: string): Promise<FunctionRefusal | undefined> {
    if (ENVIRONMENT.has(name) || name.startsWith('pg_') || name.startsWith('__internal'))
      return 'environment';
    if (ZONE_READERS.has(name)) return 'time-zone';
    const entry = this.entries.get(name);
    if (name === 'unnest') return 'rows';
    if (entry === undefined) return 'unknown';
    if (entry.kinds.has('aggregate')) return 'aggregate';
    if (entry.stabilities.has('VOLATILE')) return 'not-repeatable';
    if (entry.stabilities.has('CONSISTENT_WITHIN_QUERY')) return 'environment';
    if (!entry.kinds.has('scalar') && !entry.kinds.has('macro')) return 'rows';
    for (const definition of entry.definitions) {
      const refusal = await this.#refusalIn(await parseExpression(this.session, definition));
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }

  /** The first thing in a macro's definition that a feature may not do. Its column references are its parameters, or the clock. */
  async #refusalIn(node: SyntaxNode): Promise<FunctionRefusal | undefined> {
    if (node.class === 'SUBQUERY' || node.class === 'STAR' || node.class === 'WINDOW') return 'rows';
    if (node.class === 'COLUMN_REF' && Array.isArray(node.column_names)) {
      const name = asciiLower(String(node.column_names.at(-1)));
      if (ENVIRONMENT.has(name) || CLOCK_WORDS.has(name)) return 'environment';
    }
    if (node.class === 'FUNCTION') {
      const refusal = await this.refusalOf(String(node.function_name));
      if (refusal !== undefined) return refusal;
    }
    for (const child of childrenOf(node)) {
      const refusal = await this.#refusalIn(child);
      if (refusal !== undefined) return refusal;
    }
    return undefined;
  }
}

/** Words that SQL lets stand without brackets and that read the clock or the session: the parser takes them for columns. */
export const CLOCK_WORDS: ReadonlySet<string> = new Set([
  'current_catalog',
  'current_date',
  'current_role',
  'current_schema',
  'current_time',
  'current_timestamp',
  'current_user',
  'localtime',
  'localtimestamp',
  'session_user',
  'user',
]);
