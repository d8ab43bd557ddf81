/** A request to an endpoint that really works: held-out source rows of the run. */
import { join } from 'node:path';
import { createDuckDbEngine } from '../../adapters/table-engine/duckdb';
import { featurePackingSchema, type InputColumn } from '../../contracts/trainer';
import type { RunStatus } from '../../contracts/runs';
import { quoteIdentifier, quoteLiteral, type Cell } from '../../ports/table-engine';
import type { CommandContext } from '../context';
import { artifactOf, openStore, readArtifactJson } from '../store';

/** How long a person waits for an answer. */
const ANSWER_MS = 10_000;

/** Two held-out rows with the columns that callers send: those that the features need. @throws RUN_CONFLICT before the split. */
export async function exampleRows(
  context: CommandContext,
  status: RunStatus,
): Promise<Record<string, Cell>[]> {
  const store = await openStore(context);
  const packing = featurePackingSchema.parse(
    await readArtifactJson(store, artifactOf(status, 'features'), 'packing.json'),
  );
  const { directory } = await store.open(artifactOf(status, 'split'));
  const file = join(directory, 'holdout.parquet');
  const session = await createDuckDbEngine({}).open({ readable: [file], writable: [] });
  try {
    const columns = packing.inputs.map(({ name }) => quoteIdentifier(name)).join(', ');
    const rows = await session.rows(`SELECT ${columns} FROM read_parquet(${quoteLiteral(file)}) LIMIT 2`);
    return rows.map((row) =>
      Object.fromEntries(packing.inputs.map((input) => [input.name, asSent(row[input.name] ?? null, input)])),
    );
  } finally {
    session.close();
  }
}

/** Decimals and large integers come out of a table as text, and are numbers to the model. */
function asSent(cell: Cell, { type }: InputColumn): Cell {
  if (typeof cell !== 'string' || (type !== 'double' && type !== 'integer')) return cell;
  const number = Number(cell);
  return Number.isFinite(number) ? number : null;
}

/** The request as a line for a shell. */
export function curlFor(endpoint: string, body: unknown): string {
  const text = JSON.stringify(body).replaceAll("'", String.raw`'\''`);
  return `curl -s ${endpoint}/invocations -H 'content-type: application/json' -d '${text}'`;
}

/** Sends the request. @returns the answer's text, or why there is none. */
export async function askEndpoint(endpoint: string, body: unknown): Promise<{ ok: boolean; text: string }> {
  try {
    const answer = await fetch(`${endpoint}/invocations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return { ok: answer.ok, text: (await answer.text()).trim() };
  } catch (error) {
    return { ok: false, text: `no answer: ${error instanceof Error ? error.message : String(error)}` };
  }
}
