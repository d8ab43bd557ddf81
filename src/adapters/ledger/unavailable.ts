import { MillraceError } from '../../contracts/errors';

/** The database did not answer, or not in time. What was asked may have been done all the same: everything in the ledger may be repeated. */
export function ledgerUnavailable(where: string, cause: unknown): MillraceError {
  return new MillraceError(
    'LEDGER_UNAVAILABLE',
    `The ledger did not answer: ${cause instanceof Error ? cause.message : String(cause)}`,
    { where, mend: 'see that the database runs, and that `ledger` in millrace.yaml names it', cause },
  );
}
