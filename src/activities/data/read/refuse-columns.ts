/** Names that a table's columns may not have. */
import { MillraceError } from '../../../contracts/errors';
import { asciiLower, RESERVED_PREFIX } from '../../sql/column-names';

/**
 * Refuses columns that SQL cannot tell apart: the engine would give one of them another name, and nobody would notice.
 * @throws DATASET_INVALID
 */
export function refuseCollisions(names: readonly string[], where: string): void {
  const seen = new Map<string, string>();
  for (const name of names) {
    if (name === '') continue;
    const folded = asciiLower(name);
    const other = seen.get(folded);
    if (other !== undefined)
      throw new MillraceError(
        'DATASET_INVALID',
        other === name
          ? `The column ${JSON.stringify(name)} is there twice.`
          : `The columns ${JSON.stringify(other)} and ${JSON.stringify(name)} differ in case only.`,
        { where, mend: 'Rename one of them: SQL does not tell them apart.' },
      );
    seen.set(folded, name);
  }
}

/** Refuses names that Millrace needs for itself. @throws DATASET_INVALID */
export function refuseReserved(names: readonly string[], where: string): void {
  const reserved = names.find((name) => name.startsWith(RESERVED_PREFIX));
  if (reserved !== undefined)
    throw new MillraceError(
      'DATASET_INVALID',
      `The column ${JSON.stringify(reserved)} has a name that begins with __, which is kept for Millrace.`,
      {
        where,
        mend: `Rename it in the data, or with dataset.sql: SELECT * RENAME ("${reserved}" AS ${reserved.replace(/^_+/, '') || 'other'}) FROM …`,
      },
    );
}
