/** The table that a Python function made, as the relation of a dataset. */
import { join } from 'node:path';
import { MillraceError } from '../../../contracts/errors';
import type { PipelineSpec } from '../../../contracts/pipeline-file';
import { BUILT_TABLE_FILE } from '../../../contracts/trainer';
import { quoteIdentifier, quoteLiteral, type TableSession } from '../../../ports/table-engine';
import type { StoredArtifact } from '../../../ports/artifact-store';
import { sameColumn } from '../../sql/column-names';
import { LABELS_FILE } from '../step-files';
import { differentLabels } from './dataset-errors';
import { FEATURE_CODE, type OpenedRelation } from './open-relation';

/** Files of a made table, and the digests that decide what it is. */
export interface MadeTable {
  readonly table: string;
  /** Key and label, for a pipeline that trains. */
  readonly labels: string | undefined;
  readonly inputs: Readonly<Record<string, string>>;
}

/** Finds the files of both artifacts. @throws STORE_CORRUPT */
export function openMade(tables: StoredArtifact, table: StoredArtifact): MadeTable {
  const made = table.manifest.files[BUILT_TABLE_FILE];
  if (made === undefined)
    throw new MillraceError('STORE_CORRUPT', `The output of step build lacks ${BUILT_TABLE_FILE}.`, {
      where: table.ref.key,
      mend: 'Run the pipeline again with `--no-cache`.',
    });
  const labels = tables.manifest.files[LABELS_FILE];
  return {
    table: join(table.directory, BUILT_TABLE_FILE),
    labels: labels && join(tables.directory, LABELS_FILE),
    // Of what the function was given, only the label goes into the table by another way.
    inputs: { table: made.sha256, ...(labels && { labels: labels.sha256 }) },
  };
}

/**
 * The table as it is; for a pipeline that trains with the label beside it, by the key. The source of the label may have several rows for a key, as long as
 * all of them have the same label. A row without a label is found by who looks at the label.
 * @throws DATASET_INVALID for a table that has a column of the label's name, or none of the key's, and for a key of it that has several labels
 */
export async function madeRelation(
  session: TableSession,
  { dataset: { key, label, from }, sources }: Pick<PipelineSpec, 'dataset' | 'sources'>,
  { table, labels }: Pick<MadeTable, 'table' | 'labels'>,
): Promise<OpenedRelation> {
  const made = `SELECT * FROM read_parquet(${quoteLiteral(table)})`;
  if (label === undefined || key === undefined || labels === undefined)
    return { relation: made, origin: FEATURE_CODE };
  const names = (await session.describe(made)).map(({ name }) => name);
  const own = names.find((name) => sameColumn(name, label));
  if (own !== undefined)
    throw new MillraceError(
      'DATASET_INVALID',
      `The function made a column ${JSON.stringify(own)}, which is the label.`,
      {
        where: FEATURE_CODE,
        mend: 'Leave it out: the label is joined by the key, so that no feature is made from it.',
      },
    );
  if (!names.includes(key))
    throw new MillraceError(
      'DATASET_INVALID',
      `The function's table has no column ${JSON.stringify(key)}, which is the key; it has ${names.slice(0, 20).join(', ')}.`,
      { where: FEATURE_CODE, mend: 'Return the key with every row: the label is joined by it.' },
    );
  const [id, target] = [quoteIdentifier(key), quoteIdentifier(label)];
  const text = `CAST(${id} AS VARCHAR)`;
  const known = `SELECT DISTINCT ${text} AS __key, ${target} FROM read_parquet(${quoteLiteral(labels)})`;
  const wanted = `SELECT __key, ${target} AS __label FROM (${known}) WHERE __key IN (SELECT ${text} FROM (${made}))`;
  const refusal = await differentLabels(session, wanted, from ?? Object.keys(sources)[0] ?? '', key, label);
  if (refusal) throw refusal;
  return {
    relation: `SELECT made.*, known.${target} FROM (${made}) AS made LEFT JOIN (${known}) AS known ON known.__key = CAST(made.${id} AS VARCHAR)`,
    origin: FEATURE_CODE,
  };
}
