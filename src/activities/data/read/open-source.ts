/** One source as a relation, from whatever files it has. */
import { MillraceError } from '../../../contracts/errors';
import type { Source } from '../../../contracts/pipeline-file';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { sameColumn } from '../../sql/column-names';
import { refuseCollisions } from './refuse-columns';
import { csvRelation, type CsvFiles } from './csv-reader';
import { formatOf, type FileFormat } from './formats';
import { inspectCsv, type CsvLayout } from './inspect-csv';
import { engineMessage, readError, type ReadableFile } from './read-errors';

/** A file of a source, taken in. */
export interface SourceBlob extends ReadableFile {
  readonly bytes: number;
}

/** A source and its files. */
export interface OpenableSource {
  readonly name: string;
  readonly source: Source;
  readonly files: readonly SourceBlob[];
}

interface InspectedFile extends SourceBlob, FileFormat {
  readonly layout?: CsvLayout;
  /** Undefined where rows need not have the same columns (JSON lines). */
  readonly columns: readonly string[] | undefined;
}

const TYPE = /^[A-Za-z][A-Za-z0-9_ ]*(\(\d+(, ?\d+)?\))?$/;

/**
 * SQL of a SELECT over all files of a source, columns matched by name.
 * @param whole look at all rows to tell types, since a sample misled
 * @throws SOURCE_EMPTY, SOURCE_UNREADABLE, DATASET_INVALID, each naming the file and the mend.
 */
export async function openSource(
  session: TableSession,
  { name, source, files }: OpenableSource,
  whole: boolean,
): Promise<string> {
  // A type's text is not quoted in SQL, so that it may be nothing but a type.
  for (const type of Object.values(source.types ?? {}))
    if (!TYPE.test(type)) throw badTypes(name, `${JSON.stringify(type)} is no type`);
  const inspected: InspectedFile[] = [];
  for (const file of files) inspected.push(await inspect(session, name, source, file));
  refuseOtherColumns(inspected);
  const relations: string[] = [];
  for (const group of Map.groupBy(inspected, readTheSameWay).values()) {
    const relation = await relationOf(session, name, source, group, whole);
    relations.push(`SELECT * FROM ${relation}`);
  }
  return relations.join(' UNION ALL BY NAME ');
}

async function inspect(
  session: TableSession,
  name: string,
  source: Source,
  file: SourceBlob,
): Promise<InspectedFile> {
  const format = formatOf(name, source, file.path);
  if (format.format === 'jsonl') return { ...file, ...format, columns: undefined };
  const layout =
    format.format === 'parquet' ? undefined : await inspectCsv(source, file.blob, file.path, format);
  const columns = layout?.columns ?? (await parquetColumns(session, file));
  refuseCollisions(columns, file.path);
  return { ...file, ...format, ...(layout && { layout }), columns };
}

/** Names of the top-level columns as they are written: the engine's own list has collisions renamed. */
async function parquetColumns(session: TableSession, file: SourceBlob): Promise<string[]> {
  const rows = await session
    .rows(
      `SELECT name, coalesce(num_children, 0) AS children FROM parquet_schema(${quoteLiteral(file.blob)})`,
    )
    .catch((error: unknown) => {
      throw readError(error, [file]) ?? error;
    });
  const names: string[] = [];
  // The tree is written depth first; the first row is its root.
  for (let index = 1; index < rows.length;) {
    names.push(String(rows[index]?.name));
    for (let open = 1; open > 0 && index < rows.length; index++) open += Number(rows[index]?.children) - 1;
  }
  return names;
}

function refuseOtherColumns(files: readonly InspectedFile[]): void {
  const first = files.find((file) => file.columns !== undefined);
  for (const file of files) {
    if (first?.columns === undefined || file.columns === undefined) continue;
    const missing = without(first.columns, file.columns);
    const more = without(file.columns, first.columns);
    if (missing.length + more.length === 0) continue;
    const differences = [
      ...(missing.length > 0 ? [`lacks ${missing.slice(0, 10).join(', ')}`] : []),
      ...(more.length > 0 ? [`has ${more.slice(0, 10).join(', ')} besides`] : []),
    ];
    throw new MillraceError(
      'SOURCE_UNREADABLE',
      `The files of one source have different columns: compared with ${first.path}, ${file.path} ${differences.join(' and ')}.`,
      {
        where: `${file.path}:1`,
        mend: 'Give all files the same columns, or make them two sources and join them with dataset.sql.',
      },
    );
  }
}

function without(names: readonly string[], others: readonly string[]): string[] {
  return names.filter((name) => !others.includes(name));
}

function readTheSameWay({ format, compressed, layout }: InspectedFile): string {
  return JSON.stringify([format === 'tsv' ? 'csv' : format, compressed, layout?.delimiter]);
}

async function relationOf(
  session: TableSession,
  name: string,
  source: Source,
  group: readonly InspectedFile[],
  whole: boolean,
): Promise<string> {
  const [first] = group;
  if (first?.layout !== undefined) {
    const files: CsvFiles = {
      files: group,
      layout: first.layout,
      compressed: first.compressed,
      bytes: group.reduce((total, { bytes, compressed }) => total + bytes * (compressed ? 10 : 1), 0),
    };
    return csvRelation(session, name, source, files, whole);
  }
  const paths = `[${group.map(({ blob }) => quoteLiteral(blob)).join(', ')}]`;
  const relation =
    first?.format === 'jsonl'
      ? await jsonRelation(session, paths, group, first.compressed)
      : `read_parquet(${paths}, union_by_name = true, hive_partitioning = false)`;
  return castRelation(session, name, source, relation, group);
}

/** All lines are looked at: a key that comes late would silently be left out. */
async function jsonRelation(
  session: TableSession,
  paths: string,
  files: readonly ReadableFile[],
  compressed: boolean,
): Promise<string> {
  const options = `format = 'newline_delimited', compression = '${compressed ? 'gzip' : 'uncompressed'}'`;
  const relation = `read_json(${paths}, ${options}, sample_size = -1, union_by_name = true)`;
  const columns = await session.describe(`SELECT * FROM ${relation}`).catch((error: unknown) => {
    throw readError(error, files) ?? error;
  });
  const where = files.map(({ path }) => path).join(', ');
  const objects = `read_json_objects(${paths}, ${options})`;
  if (columns.length === 1 && columns[0]?.name === 'json') await refuseValues(session, objects, where);
  await refuseRenamed(session, columns, objects, where);
  return relation;
}

/** Lines that are no objects, or objects without keys, come as one column of the name `json`. */
async function refuseValues(session: TableSession, objects: string, where: string): Promise<void> {
  const { keyed } = await session.row(
    `SELECT coalesce(bool_or(json_type(json) = 'OBJECT' AND len(json_keys(json)) > 0), false) AS keyed FROM ${objects}`,
  );
  if (keyed === true) return;
  throw new MillraceError('SOURCE_UNREADABLE', `The lines of ${where} are JSON, but not objects with keys.`, {
    where,
    mend: 'Write one object a line: {"column": value, …}',
  });
}

/** `{"a": 1, "A": 2}` comes as the columns `a` and `A_1`: unless a record does have a key `A_1`, two keys differ in case only. */
async function refuseRenamed(
  session: TableSession,
  columns: readonly { readonly name: string }[],
  objects: string,
  where: string,
): Promise<void> {
  for (const { name } of columns) {
    const written = name.replace(/_\d+$/, '');
    const other = columns.find((column) => column.name !== name && sameColumn(column.name, written));
    if (written === name || other === undefined) continue;
    const { found } = await session.row(
      `SELECT count(*) AS found FROM ${objects} WHERE list_contains(json_keys(json), ${quoteLiteral(name)})`,
    );
    if (found === 0) refuseCollisions([other.name, written], where);
  }
}

async function castRelation(
  session: TableSession,
  name: string,
  source: Source,
  relation: string,
  files: readonly ReadableFile[],
): Promise<string> {
  const types = Object.entries(source.types ?? {});
  if (types.length === 0) return relation;
  const casts = types.map(
    ([column, type]) => `CAST(${quoteIdentifier(column)} AS ${type}) AS ${quoteIdentifier(column)}`,
  );
  const cast = `(SELECT * REPLACE (${casts.join(', ')}) FROM ${relation})`;
  await session.describe(`SELECT * FROM ${cast}`).catch((error: unknown) => {
    throw badTypes(name, engineMessage(error, files));
  });
  return cast;
}

function badTypes(name: string, reason: string): MillraceError {
  return new MillraceError('DATASET_INVALID', `The types of a source do not fit it: ${reason}.`, {
    where: `sources.${name}.types`,
    mend: 'Use columns of the file and types of DuckDB: VARCHAR, BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP.',
  });
}
