/** DuckDB's own parser, as a tree of plain objects: nothing is guessed from the text of an expression. */
import type { TableSession } from '../../ports/table-engine';

/** A node of the tree as `json_serialize_sql` writes it, with defaults left out. */
export type SyntaxNode = Readonly<Record<string, unknown>>;

/** An expression that DuckDB cannot parse, or that is more than one expression. */
export class NotAnExpression extends Error {
  override readonly name = 'NotAnExpression';
}

/** Members of a SELECT that is nothing but its list of expressions. Any other member is a clause: WHERE, GROUP BY, WITH, ORDER BY, … */
const BARE_SELECT = new Set(['type', 'select_list', 'from_table', 'aggregate_handling']);

/**
 * An expression in the form in which it is run: in brackets, so that it cannot become two columns or a clause; and on lines of its own,
 * so that a comment at its end swallows nothing. Anything else would check another text than the one that runs.
 */
export function bracketed(expression: string): string {
  return `(\n${expression}\n)`;
}

/** The tree of one expression. Parsing runs nothing and resolves no name. @throws NotAnExpression. */
export async function parseExpression(session: TableSession, expression: string): Promise<SyntaxNode> {
  const { tree } = await session.row(
    'SELECT json_serialize_sql(CAST($1 AS VARCHAR), skip_default := true, skip_empty := true, skip_null := true) AS tree',
    [`SELECT ${bracketed(expression)}`],
  );
  const parsed = JSON.parse(String(tree)) as {
    error: boolean;
    error_message?: string;
    statements?: { node?: SyntaxNode }[];
  };
  if (parsed.error) throw new NotAnExpression(parsed.error_message ?? 'it cannot be parsed');
  const select = parsed.statements?.[0]?.node;
  const list = select?.select_list;
  if (parsed.statements?.length !== 1 || select?.type !== 'SELECT_NODE' || !Array.isArray(list))
    throw new NotAnExpression('it is not one expression');
  const source = select.from_table;
  const clause = Object.keys(select).find((member) => !BARE_SELECT.has(member));
  if (clause !== undefined || list.length !== 1 || (isNode(source) && source.type !== 'EMPTY'))
    throw new NotAnExpression('it is more than one expression over one row');
  return list[0] as SyntaxNode;
}

/** Whether a member of a node is a node or another object. */
function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** All objects directly below a node, in lists too. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  return Object.values(node).flatMap((member) => (Array.isArray(member) ? member : [member]).filter(isNode));
}
