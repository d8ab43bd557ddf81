/** CSV and TSV files as a relation whose columns have one type each, whatever the order of the rows. */
import { MillraceError } from '../../../contracts/errors';
import type { Source } from '../../../contracts/pipeline-file';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import { MAX_LINE_BYTES } from './csv-dialect';
import type { CsvLayout } from './inspect-csv';
import { checkedCast, isPlain } from './checked-cast';
import { messageOf, readError, type ReadableFile } from './read-errors';

/** Files that are read the same way. */
export interface CsvFiles {
  readonly files: readonly ReadableFile[];
  readonly layout: CsvLayout;
  readonly compressed: boolean;
  readonly bytes: number;
}

/** Below this all rows are looked at to tell the types; above, the first {@link SAMPLED_ROWS}, and all only when those mislead. */
const WHOLE_BELOW_BYTES = 32 * 2 ** 20;
const SAMPLED_ROWS = 20_480;
/** What the engine takes for lines of its usual length. */
const BUFFER_BYTES = 32 * 2 ** 20;

/** Times of day stay text: they would come back in another form. */
const TYPE_CANDIDATES = ['NULL', 'BOOLEAN', 'BIGINT', 'DOUBLE', 'DATE', 'TIMESTAMP', 'VARCHAR'];

/**
 * SQL of the relation.
 * @param whole look at all rows to tell the types
 * @throws SOURCE_UNREADABLE with file and line; DATASET_INVALID for `types` that name no column or no type.
 */
export async function csvRelation(
  session: TableSession,
  name: string,
  source: Source,
  group: CsvFiles,
  whole: boolean,
): Promise<string> {
  const all = whole || group.bytes <= WHOLE_BELOW_BYTES;
  const types = await sniffedTypes(session, name, source, group, all);
  const doubtful = await misleadingTypes(session, source, group, types, all);
  if (doubtful.saysNothing) return csvRelation(session, name, source, group, true);
  for (const column of doubtful.notBoolean) types.set(column, 'VARCHAR');
  const checked = new Map<string, string>();
  for (const [column, type] of types) {
    const sql = checkedCast(column, type, source.types?.[column] !== undefined, all);
    if (sql !== undefined) checked.set(column, sql);
  }
  for (const column of checked.keys()) types.set(column, 'VARCHAR');
  const table = readCsv(source, group, [`types = ${typeMap(types)}`]);
  if (checked.size === 0) return table;
  const replaced = [...checked].map(([column, sql]) => `${sql} AS ${quoteIdentifier(column)}`);
  return `(SELECT * REPLACE (${replaced.join(', ')}) FROM ${table})`;
}

async function sniffedTypes(
  session: TableSession,
  name: string,
  source: Source,
  group: CsvFiles,
  all: boolean,
): Promise<Map<string, string>> {
  const given = Object.entries(source.types ?? {});
  const options = [
    `auto_type_candidates = [${TYPE_CANDIDATES.map(quoteLiteral).join(', ')}]`,
    `sample_size = ${all ? -1 : SAMPLED_ROWS}`,
    ...(given.length > 0 ? [`types = ${typeMap(new Map(given))}`] : []),
  ];
  try {
    const columns = await session.describe(`SELECT * FROM ${readCsv(source, group, options)}`);
    return new Map(columns.map((column) => [column.name, column.type]));
  } catch (error) {
    const text = messageOf(error);
    if (/COLUMN_TYPES|Type with name|type .* does not exist/i.test(text))
      throw new MillraceError(
        'DATASET_INVALID',
        `The types of a source do not fit it: ${text.split('\n')[0] ?? ''}`,
        {
          where: `sources.${name}.types`,
          mend: `Use columns of the file (${group.layout.columns.slice(0, 20).join(', ')}) and types of DuckDB: VARCHAR, BIGINT, DOUBLE, BOOLEAN, DATE, TIMESTAMP.`,
          cause: error,
        },
      );
    await findBrokenLine(session, source, group);
    throw readError(error, group.files) ?? error;
  }
}

/**
 * The engine tells the types before it reads, and says only that it could not: read as text, the files show which line is at fault.
 * @throws SOURCE_UNREADABLE with that line.
 */
async function findBrokenLine(session: TableSession, source: Source, group: CsvFiles): Promise<void> {
  const columns = group.layout.columns
    .map((_, index) => `${quoteLiteral(`c${index}`)}: 'VARCHAR'`)
    .join(', ');
  for (const file of group.files) {
    const options = ['auto_detect = false', `columns = {${columns}}`];
    try {
      await session.run(
        `SELECT count(COLUMNS(*)) FROM ${readCsv(source, { ...group, files: [file] }, options)}`,
      );
    } catch (error) {
      throw readError(error, [file]) ?? error;
    }
  }
}

/**
 * What a sample's types get wrong. Columns that are empty in it say nothing, and so do whole numbers and dates that are written in a way of
 * their own. And `yes`, `t` or `Y` would become Boolean, though who asks the model later sends the text: only true and false do.
 */
async function misleadingTypes(
  session: TableSession,
  source: Source,
  group: CsvFiles,
  types: ReadonlyMap<string, string>,
  all: boolean,
): Promise<{ saysNothing: boolean; notBoolean: string[] }> {
  const sniffed = [...types].filter(([name]) => source.types?.[name] === undefined);
  const booleans = sniffed.filter(([, type]) => type === 'BOOLEAN').map(([name]) => name);
  const told = all ? [] : sniffed.filter(([, type]) => /^(VARCHAR|BIGINT|DATE)$/.test(type));
  if (booleans.length + told.length === 0) return { saysNothing: false, notBoolean: [] };
  const looks = [
    ...booleans.map((name) => `coalesce(bool_and(${isPlain(quoteIdentifier(name), 'BOOLEAN')}), false)`),
    ...told.map(([name, type]) =>
      type === 'VARCHAR'
        ? `count(${quoteIdentifier(name)}) > 0`
        : `coalesce(bool_and(${isPlain(quoteIdentifier(name), type)}), true)`,
    ),
  ].map((sql, index) => `${sql} AS f${index}`);
  const relation = readCsv(source, group, ['all_varchar = true']);
  const found = await session
    .row(`SELECT ${looks.join(', ')} FROM (SELECT * FROM ${relation}${all ? '' : ` LIMIT ${SAMPLED_ROWS}`})`)
    .catch((error: unknown) => {
      throw readError(error, group.files) ?? error;
    });
  return {
    notBoolean: booleans.filter((_, index) => found[`f${index}`] !== true),
    saysNothing: told.some((_, index) => found[`f${booleans.length + index}`] !== true),
  };
}

function readCsv(
  source: Source,
  { files, layout, compressed }: CsvFiles,
  options: readonly string[],
): string {
  const nulls = ['', ...(source.nulls ?? [])].map(quoteLiteral).join(', ');
  const names =
    layout.header || options.includes('auto_detect = false')
      ? []
      : [`names = [${layout.columns.map(quoteLiteral).join(', ')}]`];
  const all = [
    `[${files.map(({ blob }) => quoteLiteral(blob)).join(', ')}]`,
    `delim = ${quoteLiteral(layout.delimiter)}`,
    `quote = '"'`,
    `escape = '"'`,
    // Otherwise taken for comments when a line begins with #, or for a preamble.
    `comment = ''`,
    'skip = 0',
    `header = ${layout.header}`,
    `nullstr = [${nulls}]`,
    `max_line_size = ${MAX_LINE_BYTES}`,
    // Otherwise sixteen times as long as a line may be, for each thread.
    `buffer_size = ${BUFFER_BYTES}`,
    `compression = ${compressed ? "'gzip'" : "'none'"}`,
    'hive_partitioning = false',
    ...(files.length > 1 ? ['union_by_name = true'] : []),
    ...names,
    ...options,
  ];
  return `read_csv(${all.join(', ')})`;
}

function typeMap(types: ReadonlyMap<string, string>): string {
  return `{${[...types].map(([name, type]) => `${quoteLiteral(name)}: ${quoteLiteral(type)}`).join(', ')}}`;
}
