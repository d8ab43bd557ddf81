/** A request to an endpoint that really works: held-out source rows of the run. */
import { join } from 'node:path';
import { createDuckDbEngine } from '../../adapters/table-engine/duckdb';
import { z } from 'zod';
import { featurePackingSchema, taskSchema, type InputColumn } from '../../contracts/trainer';
import type { RunStatus } from '../../contracts/runs';
import { quoteIdentifier, quoteLiteral, type Cell } from '../../ports/table-engine';
import type { CommandContext } from '../context';
import type { Style } from '../render/style';
import { artifactOf, openStore, readArtifactJson } from '../store';

/** What the dataset's summary says of the label. */
const questionSchema = z.object({ task: taskSchema, classes: z.array(z.string()) });

/** How long a person waits for an answer. */
const ANSWER_MS = 10_000;

/** A request that was sent, and what came back. */
export interface ExampleRequest {
  /** The line for a shell. */
  readonly curl: string;
  readonly ok: boolean;
  /** The answer's text, or why there is none. */
  readonly answer: string;
  /** What is true of the rows, where they have classes. */
  readonly labels: readonly string[];
}

/** Asks an endpoint about held-out rows of the run, one of each of two classes. @throws RUN_CONFLICT before the split. */
export async function askExample(
  context: CommandContext,
  status: RunStatus,
  endpoint: string,
): Promise<ExampleRequest> {
  const { rows, labels } = await exampleRows(context, status);
  const body = { dataframe_records: rows };
  const { ok, text } = await askEndpoint(endpoint, body);
  return { curl: curlFor(endpoint, body), ok, answer: text, labels };
}

/** The same, for a person. */
export function exampleLines({ curl, ok, answer, labels }: ExampleRequest, style: Style): string[] {
  return [
    labels.length === 0 ? '  Ask it:' : `  Ask it about held-out rows that are ${labels.join(' and ')}:`,
    `    ${curl}`,
    `    ${ok ? style.good('→') : style.bad('→')} ${answer}`,
  ];
}

/** Two held-out rows with the columns that callers send: those that the features need. */
async function exampleRows(
  context: CommandContext,
  status: RunStatus,
): Promise<{ rows: Record<string, Cell>[]; labels: string[] }> {
  const store = await openStore(context);
  const packing = featurePackingSchema.parse(
    await readArtifactJson(store, artifactOf(status, 'features'), 'packing.json'),
  );
  const { directory } = await store.open(artifactOf(status, 'split'));
  const { manifest } = await store.open(artifactOf(status, 'dataset'));
  const { task, classes } = questionSchema.parse(manifest.summary);
  const file = join(directory, 'rows.parquet');
  const session = await createDuckDbEngine({}).open({ readable: [file], writable: [] });
  try {
    const columns = packing.inputs.map(({ name }) => quoteIdentifier(name)).join(', ');
    const oneOfEach =
      task === 'regression' ? '' : 'QUALIFY row_number() OVER (PARTITION BY __label ORDER BY __row_id) = 1';
    const rows = await session.rows(
      `SELECT ${columns}, __label FROM read_parquet(${quoteLiteral(file)}) WHERE __side = 'holdout' ${oneOfEach} ORDER BY __label, __row_id LIMIT 2`,
    );
    return {
      rows: rows.map((row) =>
        Object.fromEntries(
          packing.inputs.map((input) => [input.name, asSent(row[input.name] ?? null, input)]),
        ),
      ),
      labels: task === 'regression' ? [] : rows.map((row) => classes[Number(row.__label)] ?? ''),
    };
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
function curlFor(endpoint: string, body: unknown): string {
  const text = JSON.stringify(body).replaceAll("'", String.raw`'\''`);
  return `curl -s ${endpoint}/invocations -H 'content-type: application/json' -d '${text}'`;
}

/** Sends the request. @returns the answer's text, or why there is none. */
async function askEndpoint(endpoint: string, body: unknown): Promise<{ ok: boolean; text: string }> {
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
