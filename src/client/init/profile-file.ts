/** Looks at a data file as a run would read it. */
import { stat } from 'node:fs/promises';
import { inspectCsv } from '../../activities/data/read/inspect-csv';
import { formatOf } from '../../activities/data/read/formats';
import { openSource } from '../../activities/data/read/open-source';
import { unconvertedColumn } from '../../activities/data/read/read-errors';
import { MillraceError } from '../../contracts/errors';
import { sourceSchema } from '../../contracts/pipeline-file';
import type { TableEngine, TableSession } from '../../ports/table-engine';
import { assertKey, chooseKey, columnNamed } from './choose-key';
import { chooseTarget, type Target } from './choose-target';
import { measureStrengths } from './measure-strength';
import { countDuplicates, loadRows, measureColumns } from './measure-table';
import type { ColumnFacts, TableFacts } from './table-facts';

/** What a person says of the file. */
export interface ProfileRequest {
  /** Absolute. */
  readonly file: string;
  /** The path as the person knows it. */
  readonly shown: string;
  readonly label: string;
  readonly key?: string;
}

/** What was found, and what follows for target and key. */
export interface FileProfile {
  readonly table: TableFacts;
  readonly label: ColumnFacts;
  readonly target: Target;
  readonly key: string | undefined;
  readonly strengths: ReadonlyMap<string, number>;
  readonly duplicates: number;
}

/**
 * Reads the whole file once and measures it.
 * @throws SOURCE_NOT_FOUND, SOURCE_EMPTY, SOURCE_UNREADABLE; DATASET_INVALID for a label or key that the file does not have or that cannot be one.
 */
export async function profileFile(engine: TableEngine, request: ProfileRequest): Promise<FileProfile> {
  const { file, shown } = request;
  const status = await stat(file).catch(() => undefined);
  if (status?.isFile() !== true)
    throw new MillraceError('SOURCE_NOT_FOUND', `There is no file ${shown}.`, {
      where: shown,
      mend: 'Name one file: CSV, TSV, Parquet or JSON lines.',
    });
  const session = await engine.open({ readable: [file], writable: [] });
  try {
    return await profile(session, { path: shown, blob: file, bytes: status.size }, request);
  } finally {
    session.close();
  }
}

async function profile(
  session: TableSession,
  file: { path: string; blob: string; bytes: number },
  request: ProfileRequest,
): Promise<FileProfile> {
  const source = sourceSchema.parse({ uri: file.path });
  const { format, compressed } = formatOf('file', source, file.path);
  const open = (whole: boolean): Promise<string> =>
    openSource(session, { name: 'file', source, files: [file] }, whole);
  const read = await loadRows(session, await open(false)).catch(async (error: unknown) => {
    // The first rows told a type that later ones do not have.
    if (unconvertedColumn(error) === undefined) throw error;
    return loadRows(session, await open(true));
  });
  const isCsv = format === 'csv' || format === 'tsv';
  const layout = isCsv ? await inspectCsv(source, file.blob, file.path, { format, compressed }) : undefined;
  const measured = await measureColumns(session, read, file.path);
  const table: TableFacts = {
    ...measured,
    format,
    ...(layout !== undefined &&
      layout.delimiter !== (format === 'tsv' ? '\t' : ',') && { delimiter: layout.delimiter }),
    ...(layout !== undefined && { header: layout.header }),
  };

  const label = columnNamed(table, request.label, '--label');
  if (request.key !== undefined) assertKey(table, request.key, label.name);
  const key = request.key ?? chooseKey(table, label.name);
  const target = chooseTarget(label, table.rows);
  return {
    table,
    label,
    target,
    key,
    strengths: await measureStrengths(session, table.columns, label.name, target),
    duplicates: await countDuplicates(session, table.columns, key),
  };
}
