/** How a source's file is to be read, told by its name and by what the pipeline file says of it. */
import { MillraceError } from '../../../contracts/errors';
import type { Source, SourceFormat } from '../../../contracts/pipeline-file';

/** Format and compression of one file. */
export interface FileFormat {
  readonly format: SourceFormat;
  readonly compressed: boolean;
}

const ENDINGS: Readonly<Record<string, SourceFormat>> = {
  csv: 'csv',
  tsv: 'tsv',
  tab: 'tsv',
  parquet: 'parquet',
  pq: 'parquet',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/**
 * The format of the file `path` of the source `name`.
 * @throws SOURCE_UNREADABLE when the ending says nothing and `format` is not given; DATASET_INVALID for an option that the format does not have.
 */
export function formatOf(name: string, source: Source, path: string): FileFormat {
  const parts = /\.([a-z]+)(\.gz)?$/.exec(path.toLowerCase());
  const compressed = path.toLowerCase().endsWith('.gz');
  const format = source.format ?? ENDINGS[parts?.[1] ?? ''];
  if (format === undefined)
    throw new MillraceError('SOURCE_UNREADABLE', `The ending of ${path} does not tell its format.`, {
      where: `sources.${name}`,
      mend: `Say what it is, for example format: csv; known endings are ${Object.keys(ENDINGS).join(', ')}, each also with .gz.`,
    });
  if (format === 'parquet' && compressed)
    throw new MillraceError('SOURCE_UNREADABLE', `${path} is a compressed Parquet file.`, {
      where: `sources.${name}`,
      mend: 'Unpack it: Parquet compresses by itself.',
    });
  refuseForeignOptions(name, source, format);
  return { format, compressed };
}

/** What the format has no use for is refused, not ignored. */
function refuseForeignOptions(name: string, source: Source, format: SourceFormat): void {
  if (format === 'csv' || format === 'tsv') return;
  for (const option of ['delimiter', 'header', 'nulls'] as const)
    if (source[option] !== undefined)
      throw new MillraceError('DATASET_INVALID', `${option} is for CSV, and this source is ${format}.`, {
        where: `sources.${name}.${option}`,
        mend: `Take ${option} out.`,
      });
}
