/** What a job that built a table left, held against the contract. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { MillraceError } from '../../contracts/errors';
import { BUILT_TABLE_FILE, buildResultSchema } from '../../contracts/trainer';
import type { JobStatus } from '../../ports/job-backend';
import { quoteLiteral } from '../../ports/table-engine';
import type { TrainingActivityDependencies } from './dependencies';

/**
 * Counts the rows of the table. One that cannot be read, or has other rows than the result says, is a failed attempt, never to be adopted again.
 * @throws TRAINER_BAD_RESULT
 */
export async function checkBuiltTable(
  { engine, backend }: Pick<TrainingActivityDependencies, 'engine' | 'backend'>,
  out: string,
  status: JobStatus,
): Promise<void> {
  const fault = await faultOf(engine, out);
  if (fault === undefined) return;
  const error = new MillraceError(
    'TRAINER_BAD_RESULT',
    `the result of features.python breaks the contract: ${fault}`,
    {
      where: out,
      mend: 'run it again with `--no-cache`; if it comes again, the host changed files of a job',
    },
  );
  await backend.reject(status.jobName, status.attempt, {
    code: 'TRAINER_BAD_RESULT',
    message: error.message,
  });
  throw error;
}

async function faultOf(
  engine: TrainingActivityDependencies['engine'],
  out: string,
): Promise<string | undefined> {
  const file = path.join(out, BUILT_TABLE_FILE);
  let built: number;
  try {
    built = buildResultSchema.parse(JSON.parse(await readFile(path.join(out, 'result.json'), 'utf8'))).rows
      .built;
  } catch (error) {
    return `its result.json cannot be read: ${String(error).slice(0, 300)}`;
  }
  const session = await engine.open({ readable: [file], writable: [] });
  try {
    const { rows } = await session.row(`SELECT count(*) AS rows FROM read_parquet(${quoteLiteral(file)})`);
    return Number(rows) === built ? undefined : `its table has ${String(rows)} rows, and it says ${built}`;
  } catch (error) {
    return `its table cannot be read: ${String(error).slice(0, 300)}`;
  } finally {
    session.close();
  }
}
