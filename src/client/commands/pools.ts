/** `pools`: who holds units of what is scarce, and who waits for them. */
import type { Client } from '@temporalio/client';
import { isWorkflowNotFound } from '../../adapters/temporal/not-found';
import { MillraceError } from '../../contracts/errors';
import { poolIdFor } from '../../contracts/ids';
import { POOL_MESSAGES, poolStatusSchema, type PoolQuestion, type PoolStatus } from '../../contracts/pools';
import { formatDuration } from '../../contracts/quantities';
import { WORKFLOW_TYPES } from '../../contracts/workflow-types';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { table } from '../render/table';
import { aboutWorkflow } from '../temporal-errors';

/** `millrace pools [NAME]`: all pools in a line each, or one with its holders and its line. */
export async function pools(context: CommandContext, name: string | undefined): Promise<number> {
  return context.withClient(async (client) => {
    const configured = context.environment.pools;
    if (name !== undefined) {
      const status = (await readPool(client, name)) ?? idle(name, configured[name]);
      context.output.result(status, poolLines(status, new Date()));
      return EXIT.ok;
    }
    const names = [...new Set([...Object.keys(configured), ...(await runningPools(client))])].sort();
    const found = await Promise.all(
      names.map(async (one) => (await readPool(client, one, { waiters: 0 })) ?? idle(one, configured[one])),
    );
    context.output.result(
      found,
      found.length === 0
        ? ['No pools. Name them in millrace.yaml under environments.NAME.pools.']
        : table(
            ['pool', 'given out', 'of', 'waiting'],
            found.map(({ pool, used, limit, waiting }) => [pool, `${used}`, `${limit}`, `${waiting}`]),
          ),
    );
    return EXIT.ok;
  });
}

/** How a pool stands; undefined for one that nobody has asked for anything. @throws SETUP_FAILED when no worker answers. */
export async function readPool(
  client: Client,
  pool: string,
  question: PoolQuestion = {},
): Promise<PoolStatus | undefined> {
  const handle = client.workflow.getHandle(poolIdFor(pool));
  return aboutWorkflow(poolIdFor(pool), async () => {
    try {
      if ((await handle.describe()).status.name !== 'RUNNING') return undefined;
    } catch (error) {
      if (isWorkflowNotFound(error)) return undefined;
      throw error;
    }
    const answer = await handle.query<PoolStatus, [PoolQuestion]>(POOL_MESSAGES.status, question);
    return poolStatusSchema.parse(answer);
  });
}

async function runningPools(client: Client): Promise<string[]> {
  const names: string[] = [];
  const query = `WorkflowType = '${WORKFLOW_TYPES.resourcePool}' AND ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query }))
    names.push(workflowId.slice(poolIdFor('').length));
  return names;
}

/** @throws POOL_UNKNOWN for a pool that nobody has heard of. */
function idle(pool: string, limit: number | undefined): PoolStatus {
  if (limit === undefined)
    throw new MillraceError('POOL_UNKNOWN', `There is no pool ${pool}.`, {
      where: pool,
      mend: 'list them with `millrace pools`',
    });
  return { pool, limit, used: 0, holders: [], waiters: [], waiting: 0, granted: 0 };
}

function poolLines(status: PoolStatus, now: Date): string[] {
  const { pool, used, limit, holders, waiters, waiting } = status;
  const since = (moment: string): string =>
    formatDuration(Math.max(0, now.getTime() - Date.parse(moment)) / 1000);
  return [
    `${pool}: ${used} of ${limit} units given out, ${waiting} waiting`,
    ...(holders.length === 0 ? [] : ['']),
    ...table(
      ['held by', 'for', 'units', 'since', ''],
      holders.map((one) => [
        one.workflowId,
        one.what,
        `${one.units}`,
        since(one.since),
        one.ending ? 'ends when its job is gone' : '',
      ]),
    ),
    ...(waiters.length === 0 ? [] : ['']),
    ...table(
      ['place', 'waits', 'for', 'units', 'priority', 'since', ''],
      waiters.map((one) => [
        `${one.place}`,
        one.workflowId,
        one.what,
        `${one.units}`,
        `${one.priority}`,
        since(one.since),
        one.tooLarge ? 'more than the pool has' : '',
      ]),
    ),
    ...(waiters.length < waiting ? [`… and ${waiting - waiters.length} more`] : []),
  ];
}
