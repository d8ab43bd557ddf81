import path from 'node:path';
import type { Environment } from '../../contracts/project-file';
import type { Ledger } from '../../ports/ledger';
import { createPostgresLedger } from './postgres';
import { createSqliteLedger } from './sqlite';

/**
 * Opens the ledger that the environment names; a file of it is relative to the project's root.
 * @throws LEDGER_UNAVAILABLE, PROJECT_FILE_INVALID for a secret that is not there
 */
export async function openLedger({
  projectRoot,
  environment,
}: {
  readonly projectRoot: string;
  readonly environment: Pick<Environment, 'ledger'>;
}): Promise<Ledger> {
  const { ledger } = environment;
  return 'postgres' in ledger
    ? createPostgresLedger(ledger.postgres, { projectRoot })
    : createSqliteLedger(path.resolve(projectRoot, ledger.path));
}
