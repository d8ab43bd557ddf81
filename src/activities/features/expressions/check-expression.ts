/**
 * What a `derive` expression may be: SQL over the input columns of one row, with the same result on any machine at any time. Checked on
 * DuckDB's own syntax tree, where quoting, letter case and comments are gone. What is not known to be harmless is refused.
 */
import { didYouMean } from '../../../contracts/file-problems';
import type { TableSession } from '../../../ports/table-engine';
import { asciiLower, RESERVED_PREFIX, sameColumn } from '../../sql/column-names';
import { CLOCK_WORDS, FunctionCatalog, ZONED_FUNCTIONS } from './function-catalog';
import { invalid, leaks, refusedFunction, type RefusedExpression } from './refusals';
import { childrenOf, NotAnExpression, parseExpression, type SyntaxNode } from '../../sql/syntax-tree';

/** What the expressions of one pipeline may reach. */
export interface ExpressionScope {
  /** Columns by name as in the data, joined ones included; those named below may be among them. */
  readonly columns: readonly string[];
  readonly label: string;
  readonly key?: string | undefined;
  /** Names of the other derived features, for the message when one is referred to. */
  readonly derived?: readonly string[];
}

/** Checks expressions in one session. */
export interface ExpressionChecker {
  /**
   * The columns that an expression refers to, in the order of the scope. Never too few of them; one more only where a lambda's parameter has
   * a column's name.
   * @throws MillraceError LEAKAGE_FOUND where it reaches the label, the key or a column of Millrace's own; FEATURE_INVALID for anything
   * else that is not a repeatable expression over one row.
   */
  check(feature: string, expression: string): Promise<string[]>;
}

/** Reads the engine's catalogue of functions and returns a checker for expressions over `scope`. */
export async function createExpressionChecker(
  session: TableSession,
  scope: ExpressionScope,
): Promise<ExpressionChecker> {
  const catalog = await FunctionCatalog.load(session);
  return {
    async check(feature, expression) {
      const refused = { feature, expression };
      const tree = await parseExpression(session, expression).catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== NotAnExpression.name) throw error;
        throw invalid(refused, error.message, 'Write one DuckDB expression over the columns of one row.');
      });
      const walk = new Walk(refused, scope, catalog);
      await walk.visit(tree, new Set());
      return scope.columns.filter((column) => walk.references.has(column));
    },
  };
}

/** Kinds of node that are harmless in themselves; those that are not here and have no rule below are refused. */
const PLAIN = new Set(['CONSTANT', 'CASE', 'COMPARISON', 'CONJUNCTION', 'BETWEEN', 'COLLATE']);

const OVER_ROWS: Readonly<Record<string, string>> = {
  SUBQUERY: 'a subquery reads other rows',
  WINDOW: 'a window function reads other rows',
  STAR: '* and COLUMNS(…) reach every column, the label among them',
  POSITIONAL_REFERENCE: 'a column reached by its position may be any, the label too',
  PARAMETER: 'it has a parameter that nothing fills in',
  DEFAULT: 'DEFAULT has no meaning here',
};

/** One pass over one expression. */
class Walk {
  readonly references = new Set<string>();
  /** Calls that give an instant and stand directly in `… AT TIME ZONE 'UTC'`, which makes it a plain timestamp, the same everywhere. */
  readonly #zoneNamed = new Set<SyntaxNode>();

  constructor(
    private readonly refused: RefusedExpression,
    private readonly scope: ExpressionScope,
    private readonly catalog: FunctionCatalog,
  ) {}

  /** `parameters`: of the lambdas around the node, in lower case. */
  async visit(node: SyntaxNode, parameters: ReadonlySet<string>): Promise<void> {
    // Not an expression: a CASE's branch, an ordering, a type. Expressions may lie below it.
    if (typeof node.class !== 'string') return this.#children(node, parameters);
    const overRows = OVER_ROWS[node.class];
    if (overRows !== undefined)
      throw invalid(this.refused, overRows, 'Use the columns of the row itself, by name.');
    switch (node.class) {
      case 'COLUMN_REF':
        this.#column(node.column_names as string[], parameters);
        return;
      case 'FUNCTION':
        return this.#function(node, parameters);
      case 'CAST':
        this.#cast(node);
        return this.#children(node, parameters);
      case 'LAMBDA':
        return this.#lambda(node, parameters);
      case 'OPERATOR':
        if (node.type === 'GROUPING_FUNCTION')
          throw invalid(this.refused, 'GROUPING is about groups of rows', 'Leave it out.');
        return this.#children(node, parameters);
      default:
        if (PLAIN.has(node.class)) return this.#children(node, parameters);
        throw invalid(
          this.refused,
          `it has a part (${node.class}) that is not allowed`,
          'Write it with functions and operators.',
        );
    }
  }

  async #children(node: SyntaxNode, parameters: ReadonlySet<string>): Promise<void> {
    for (const child of childrenOf(node)) await this.visit(child, parameters);
  }

  #column(names: readonly string[], parameters: ReadonlySet<string>): void {
    const [first = '', ...rest] = names;
    if (parameters.has(asciiLower(first)) && !this.#known(first)) return;
    // A name that does not begin with a column is a table's, whatever its end: `source_rows.churn`, `main.t.churn`.
    for (const name of this.#known(first) ? [first] : names) this.#forbid(name);
    const column = this.#known(first);
    if (column !== undefined) {
      this.references.add(column);
      return;
    }
    if (rest.length > 0)
      throw invalid(
        this.refused,
        `${names.join('.')} begins with no column`,
        'Name columns alone, without a table before them.',
      );
    throw this.#unknown(first);
  }

  #forbid(name: string): void {
    if (sameColumn(name, this.scope.label)) throw leaks(this.refused, `the label ${this.scope.label}`);
    if (this.scope.key !== undefined && sameColumn(name, this.scope.key))
      throw leaks(this.refused, `the key ${this.scope.key}`);
    if (name.startsWith(RESERVED_PREFIX) || asciiLower(name) === 'rowid')
      throw leaks(this.refused, `${name}, which says which row it is`);
  }

  #known(name: string): string | undefined {
    return this.scope.columns.find((column) => sameColumn(column, name));
  }

  #unknown(name: string): Error {
    if (CLOCK_WORDS.has(asciiLower(name))) return refusedFunction(this.refused, name, 'environment', '');
    if (this.scope.derived?.some((feature) => sameColumn(feature, name)))
      return invalid(
        this.refused,
        `${name} is a derived feature, and one cannot be built on another`,
        `Write out what ${name} stands for, or make it a column in dataset.sql.`,
      );
    const usable = this.scope.columns.filter(
      (column) => !sameColumn(column, this.scope.label) && column !== this.scope.key,
    );
    return invalid(
      this.refused,
      `there is no column ${name}${didYouMean(name, usable)}`,
      'Use the names of the columns in the data.',
    );
  }

  async #function(node: SyntaxNode, parameters: ReadonlySet<string>): Promise<void> {
    const name = asciiLower(String(node.function_name));
    // `churn.lower()` means lower(churn), and stands in the tree as the function `lower` of the schema `churn`.
    for (const qualifier of [node.catalog, node.schema]) {
      if (typeof qualifier !== 'string' || qualifier === 'main') continue;
      this.#forbid(qualifier);
      throw invalid(this.refused, `${qualifier}.${name}() hides its argument`, `Write ${name}(…).`);
    }
    // The parser writes `main` by itself; only where a column has that name may it be an argument.
    if (node.schema === 'main' && this.#known('main') !== undefined) this.#column(['main'], parameters);
    const refusal = await this.catalog.refusalOf(name);
    if (refusal !== undefined)
      throw refusedFunction(this.refused, name, refusal, didYouMean(name, this.catalog.names()));
    if (name === 'age' && argumentsOf(node).length !== 2)
      throw refusedFunction(this.refused, 'age of one argument', 'environment', '');
    const [, value] = argumentsOf(node);
    if (isZoned(node) && !this.#zoneNamed.has(node))
      throw refusedFunction(this.refused, name, 'time-zone', '');
    if (name === 'timezone' && value !== undefined) this.#zoneNamed.add(value);
    await this.#children(node, parameters);
  }

  #cast(node: SyntaxNode): void {
    if (JSON.stringify(node.cast_type ?? '').includes('WITH TIME ZONE'))
      throw refusedFunction(this.refused, 'a cast to a type with time zone', 'time-zone', '');
  }

  /** `x -> x + 1`, and also `document -> '$.path'`, which the parser cannot tell apart: a column on the left counts as referred to. */
  async #lambda(node: SyntaxNode, parameters: ReadonlySet<string>): Promise<void> {
    const inner = new Set(parameters);
    const left = node.lhs as SyntaxNode;
    const names = left.class === 'COLUMN_REF' ? [left] : parameterList(left);
    if (names === undefined) await this.visit(left, parameters);
    for (const name of names ?? []) {
      const [first = '', ...rest] = name.column_names as string[];
      if (this.#known(first) || rest.length > 0) this.#column([first, ...rest], parameters);
      else inner.add(asciiLower(first));
    }
    await this.visit(node.expr as SyntaxNode, inner);
  }
}

function argumentsOf(node: SyntaxNode): SyntaxNode[] {
  return Array.isArray(node.children) ? (node.children as SyntaxNode[]) : [];
}

/** Whether a call gives a timestamp with time zone. The parts of one (its hour, its text) depend on the machine. */
function isZoned(node: SyntaxNode): boolean {
  if (node.class !== 'FUNCTION') return false;
  const name = asciiLower(String(node.function_name));
  const [, value] = argumentsOf(node);
  if (name === 'timezone') return value === undefined || !isZoned(value);
  if (name === 'strptime' || name === 'try_strptime')
    return /%z/i.test(JSON.stringify(argumentsOf(node).slice(1)));
  return ZONED_FUNCTIONS.has(name);
}

/** The names in `(x, i) -> …`. */
function parameterList(node: SyntaxNode): SyntaxNode[] | undefined {
  const children = node.function_name === 'row' ? node.children : undefined;
  if (!Array.isArray(children)) return undefined;
  const nodes = children as SyntaxNode[];
  return nodes.every((child) => child.class === 'COLUMN_REF') ? nodes : undefined;
}
