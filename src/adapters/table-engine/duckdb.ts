/** Tables with DuckDB, in memory, spilling to disk. */
import { DuckDBInstance } from '@duckdb/node-api';
import { availableParallelism, tmpdir } from 'node:os';
import { isAbsolute } from 'node:path';
import { MillraceError } from '../../contracts/errors';
import {
  quoteLiteral,
  type SessionOptions,
  type TableEngine,
  type TableSession,
} from '../../ports/table-engine';
import { DuckDbSession } from './duckdb-session';
import { removeSpillFolder, spillFolder, prepareSpillRoot } from './spill-folder';

/** What an engine's sessions may take, unless a session says otherwise. */
export interface DuckDbEngineOptions {
  /** Folder below which sessions spill; the machine's folder for temporary files unless given. */
  readonly spillRoot?: string;
  /** Bytes of memory of one session, {@link DEFAULT_MEMORY_BYTES} unless given. */
  readonly memoryBytes?: number;
  /** Threads of one session, one a core unless given. */
  readonly threads?: number;
}

/** Enough to sort and aggregate gigabytes by spilling, and little enough that several sessions fit on a small worker. */
const DEFAULT_MEMORY_BYTES = 512 * 2 ** 20;

/**
 * An engine whose sessions see exactly the files they are given. The engine itself refuses everything else, whatever the SQL says: other
 * files, addresses, extensions, and any change of configuration. Time zone is UTC, so that a result does not depend on the machine.
 */
export function createDuckDbEngine(defaults: DuckDbEngineOptions = {}): TableEngine {
  const spillRoot = defaults.spillRoot ?? tmpdir();
  return {
    async open(options: SessionOptions): Promise<TableSession> {
      prepareSpillRoot(spillRoot);
      const spill = spillFolder(spillRoot);
      const instance = await DuckDBInstance.create(':memory:', {
        threads: String(options.threads ?? defaults.threads ?? availableParallelism()),
        memory_limit: `${options.memoryBytes ?? defaults.memoryBytes ?? DEFAULT_MEMORY_BYTES}B`,
        temp_directory: spill,
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
        allow_community_extensions: 'false',
      });
      const connection = await instance.connect();
      const session = new DuckDbSession(instance, connection, () => removeSpillFolder(spill));
      try {
        for (const statement of confinement(options)) await session.run(statement);
      } catch (error) {
        session.close();
        throw error;
      }
      return session;
    },
  };
}

/** Statements that close a fresh database to the outside, in an order that works: the last one forbids all further ones. */
function confinement(options: SessionOptions): string[] {
  return [
    "SET TimeZone = 'UTC'",
    `SET allowed_paths = ${list(options.readable)}`,
    `SET allowed_directories = ${list(options.writable.map((folder) => (folder.endsWith('/') ? folder : `${folder}/`)))}`,
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ];
}

function list(paths: readonly string[]): string {
  for (const path of paths)
    if (!isAbsolute(path))
      throw new MillraceError('INTERNAL', 'A table session may only be given absolute paths.', {
        where: path,
      });
  return `[${paths.map(quoteLiteral).join(', ')}]`;
}
