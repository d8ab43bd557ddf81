/**
 * Histories as files: the JSON of Temporal's own messages. The SDK's `historyToJSON` asks that all its packages share one copy of protobufjs,
 * which an installation does not promise; this uses the messages alone.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { scrub, type Json } from './scrub';

const { History } = temporal.api.history.v1;
/** A history as a replaying worker takes it. */
export type History = temporal.api.history.v1.IHistory;

/** Where the recorded histories lie. */
export const HISTORIES = join(__dirname, 'histories');

/** A recorded history. */
export interface HistoryFile {
  readonly name: string;
  /** The execution's id: children are named after it. */
  readonly workflowId: string;
  readonly history: History;
  /** As it stands in the file. */
  readonly text: string;
}

/** The history as plain values, without anything that tells of a machine. */
export function plain(history: History): Json {
  const message = History.fromObject(history);
  return scrub(History.toObject(message, { enums: String, longs: String, bytes: String }));
}

/** Writes one history. */
export async function writeHistory(name: string, history: History): Promise<void> {
  await writeFile(join(HISTORIES, `${name}.json`), `${JSON.stringify(plain(history), null, 1)}\n`);
}

/** Reads all of them, by name. */
export async function readHistories(): Promise<HistoryFile[]> {
  const files = (await readdir(HISTORIES)).filter((file) => file.endsWith('.json')).sort();
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(join(HISTORIES, file), 'utf8');
      const history = History.fromObject(JSON.parse(text) as Record<string, unknown>);
      const started = history.events[0]?.workflowExecutionStartedEventAttributes;
      return { name: basename(file, '.json'), workflowId: started?.workflowId ?? '', history, text };
    }),
  );
}
