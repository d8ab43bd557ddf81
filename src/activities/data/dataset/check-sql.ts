/** What `dataset.sql` may be: one SELECT over the named sources, with the same result whenever and wherever it runs. */
import { MillraceError } from '../../../contracts/errors';
import { didYouMean } from '../../../contracts/file-problems';
import type { TableSession } from '../../../ports/table-engine';
import { asciiLower } from '../../sql/column-names';
import { childrenOf, type SyntaxNode } from '../../sql/syntax-tree';

/** Table functions that read nothing. */
const HARMLESS_TABLES = new Set(['range', 'generate_series', 'unnest', 'repeat', 'repeat_row']);
/** Read the session or the clock, though the engine calls them consistent. */
const ENVIRONMENT = new Set([
  'ago',
  'current_setting',
  'current_localtime',
  'current_localtimestamp',
  'getenv',
  'getvariable',
  'version',
]);
/** Read the clock without brackets: the parser takes them for columns. */
const CLOCK_WORDS = new Set([
  'current_date',
  'current_time',
  'current_timestamp',
  'localtime',
  'localtimestamp',
]);

/**
 * Checks the SQL on the engine's own syntax tree and returns the sources that it reads, as the pipeline file writes them.
 * @throws DATASET_INVALID
 */
export async function checkDatasetSql(
  session: TableSession,
  sql: string,
  sources: readonly string[],
): Promise<string[]> {
  const { tree } = await session.row(
    'SELECT json_serialize_sql(CAST($1 AS VARCHAR), skip_default := true, skip_empty := true, skip_null := true) AS tree',
    [sql],
  );
  const parsed = JSON.parse(String(tree)) as {
    error: boolean;
    error_message?: string;
    statements?: { node?: SyntaxNode }[];
  };
  // The engine's parser writes the tree of a SELECT only, and says so in words of its own.
  if (parsed.error)
    throw refused(
      parsed.error_message === undefined || parsed.error_message.startsWith('Only SELECT')
        ? 'it must be exactly one SELECT'
        : parsed.error_message,
    );
  const [statement] = parsed.statements ?? [];
  if (parsed.statements?.length !== 1 || statement?.node === undefined)
    throw refused('it must be exactly one SELECT');
  const unstable = await unstableFunctions(session);
  const walk = new Walk(sources, unstable);
  walk.visit(statement.node, new Set());
  return sources.filter((source) => walk.read.has(source));
}

/** Functions whose result is not given by their arguments. */
async function unstableFunctions(session: TableSession): Promise<ReadonlySet<string>> {
  const rows = await session.rows(
    "SELECT DISTINCT lower(function_name) AS name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'",
  );
  return new Set([...rows.map(({ name }) => String(name)), ...ENVIRONMENT]);
}

class Walk {
  readonly read = new Set<string>();

  constructor(
    private readonly sources: readonly string[],
    private readonly unstable: ReadonlySet<string>,
  ) {}

  /** `tables`: names of the common table expressions that are in sight, in lower case. */
  visit(node: SyntaxNode, tables: ReadonlySet<string>): void {
    const inSight = new Set([...tables, ...commonTables(node)]);
    if (node.type === 'BASE_TABLE') this.#table(node, inSight);
    if (node.type === 'TABLE_FUNCTION') this.#tableFunction(node);
    if (node.sample !== undefined && node.sample !== null) throw unrepeatable('A sample');
    if (node.class === 'FUNCTION') this.#function(node);
    if (node.class === 'COLUMN_REF') this.#column(node);
    for (const child of childrenOf(node)) this.visit(child, inSight);
  }

  #table(node: SyntaxNode, tables: ReadonlySet<string>): void {
    const name = String(node.table_name);
    const qualified = [node.catalog_name, node.schema_name].some(
      (part) => typeof part === 'string' && part !== '',
    );
    if (!qualified && tables.has(asciiLower(name))) return;
    const source = this.sources.find((known) => asciiLower(known) === asciiLower(name));
    if (qualified || source === undefined)
      throw refused(
        `${name} is not a source of this pipeline${didYouMean(name, this.sources)}`,
        'Name it under sources, or correct the name.',
      );
    this.read.add(source);
  }

  #tableFunction(node: SyntaxNode): void {
    const name = asciiLower(String((node.function as SyntaxNode | undefined)?.function_name));
    if (!HARMLESS_TABLES.has(name))
      throw refused(
        `${name}() reads what is not a source`,
        'Name the file under sources and read it by its name.',
      );
  }

  #function(node: SyntaxNode): void {
    const name = asciiLower(String(node.function_name));
    if (this.unstable.has(name)) throw unrepeatable(name);
  }

  #column(node: SyntaxNode): void {
    const names = Array.isArray(node.column_names) ? node.column_names : [];
    const [name] = names as string[];
    if (names.length === 1 && name !== undefined && CLOCK_WORDS.has(asciiLower(name)))
      throw unrepeatable(name);
  }
}

function commonTables(node: SyntaxNode): string[] {
  const map = (node.cte_map as SyntaxNode | undefined)?.map;
  const named = Array.isArray(map) ? (map as SyntaxNode[]).map((entry) => entry.key) : [];
  return [...named, node.cte_name].filter((name): name is string => typeof name === 'string').map(asciiLower);
}

function unrepeatable(name: string): MillraceError {
  return refused(
    `${name} gives another result each time, and a dataset must be the same whenever it is built from the same bytes`,
    'Put the moment or the seed into the pipeline file: a parameter {{ params.date }} does it.',
  );
}

function refused(reason: string, mend = 'Write one SELECT over the sources, by their names.'): MillraceError {
  return new MillraceError('DATASET_INVALID', `The SQL of the dataset is refused: ${reason}.`, {
    where: 'dataset.sql',
    mend,
  });
}
