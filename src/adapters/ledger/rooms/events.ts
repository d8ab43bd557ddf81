/** Claims of events. */
import type { Kysely, Selectable } from 'kysely';
import { EVENT_KINDS } from '../../../contracts/events';
import { trainingPipelineInputSchema } from '../../../contracts/runs';
import type { EventClaim, EventLedger } from '../../../ports/event-ledger';
import type { LedgerTables } from '../schema';

/** Of any database that kysely speaks. */
export function eventRoom(db: Kysely<LedgerTables>): EventLedger {
  const find = async (key: string): Promise<EventClaim | undefined> => {
    const row = await db.selectFrom('events').selectAll().where('key', '=', key).executeTakeFirst();
    return row && claimOf(row);
  };
  return {
    async claimEvent({ key, kind, pipeline, workflowId, input }) {
      await db
        .insertInto('events')
        .values({
          key,
          kind,
          pipeline,
          workflow_id: workflowId,
          input: JSON.stringify(input),
          claimed_at: new Date().toISOString(),
          run_id: null,
        })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .execute();
      const claim = await find(key);
      if (!claim) throw new Error(`the claim of ${key} is gone`);
      return claim;
    },
    async confirmEvent(key, runId) {
      await db
        .updateTable('events')
        .set({ run_id: runId })
        .where('key', '=', key)
        .where('run_id', 'is', null)
        .execute();
    },
    async withdrawEvent(key) {
      await db.deleteFrom('events').where('key', '=', key).where('run_id', 'is', null).execute();
    },
    findEvent: find,
    async listUnconfirmed(before, limit) {
      const rows = await db
        .selectFrom('events')
        .selectAll()
        .where('run_id', 'is', null)
        .where('claimed_at', '<', before)
        .orderBy('claimed_at')
        .limit(limit)
        .execute();
      return rows.map(claimOf);
    },
  };
}

function claimOf(row: Selectable<LedgerTables['events']>): EventClaim {
  const kind = EVENT_KINDS.find((known) => known === row.kind);
  if (!kind) throw new Error(`the ledger holds an event of the unknown kind ${row.kind}`);
  return {
    key: row.key,
    kind,
    pipeline: row.pipeline,
    workflowId: row.workflow_id,
    input: trainingPipelineInputSchema.parse(JSON.parse(row.input)),
    claimedAt: row.claimed_at,
    ...(row.run_id !== null && { runId: row.run_id }),
  };
}
