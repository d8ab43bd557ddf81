/** Runs, how often a hold-out has gated, and what was notified. */
import type { Kysely, Selectable } from 'kysely';
import { instantText } from '../../../contracts/backfill';
import { runStatusSchema } from '../../../contracts/runs';
import type { Ledger, RunRecord } from '../../../ports/ledger';
import type { LedgerTables } from '../schema';

type RunRoom = Pick<
  Ledger,
  'countGate' | 'recordRun' | 'listRuns' | 'listNominalRuns' | 'findRun' | 'wasSent' | 'markSent'
>;

/** Of any database that kysely speaks. */
export function runRoom(db: Kysely<LedgerTables>): RunRoom {
  return {
    async countGate(holdoutDigest, { workflowId, runId }) {
      await db
        .insertInto('hold_out_gates')
        .values({ holdout_digest: holdoutDigest, workflow_id: workflowId, run_id: runId })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const { count } = await db
        .selectFrom('hold_out_gates')
        .select((select) => select.fn.countAll<number | string>().as('count'))
        .where('holdout_digest', '=', holdoutDigest)
        .executeTakeFirstOrThrow();
      // PostgreSQL counts in bigint, which comes as text.
      return Number(count);
    },
    async recordRun(run) {
      const row = rowOf(run);
      await db
        .insertInto('runs')
        .values(row)
        .onConflict((conflict) => {
          const newer = conflict.columns(['workflow_id', 'run_id']).doUpdateSet(row);
          // A try of an activity that was given up may still write what it was about to.
          return run.endedAt === undefined ? newer.where('runs.ended_at', 'is', null) : newer;
        })
        .execute();
    },
    async listRuns({ pipeline, outcome, limit }) {
      let query = db.selectFrom('runs').selectAll().orderBy('started_at', 'desc').limit(limit);
      if (pipeline !== undefined) query = query.where('pipeline', '=', pipeline);
      if (outcome !== undefined) query = query.where('outcome', '=', outcome);
      return (await query.execute()).map(recordOf);
    },
    async listNominalRuns({ pipeline, from, to }) {
      const rows = await db
        .selectFrom('runs')
        .select(['nominal_date', 'workflow_id', 'outcome', 'started_at'])
        .where('pipeline', '=', pipeline)
        .where('nominal_date', '>=', instantText(from))
        .where('nominal_date', '<=', instantText(to))
        .orderBy('started_at')
        .execute();
      return rows.map((row) => ({
        nominalDate: row.nominal_date ?? '',
        workflowId: row.workflow_id,
        outcome: row.outcome,
        startedAt: row.started_at,
      }));
    },
    async findRun(workflowId) {
      const row = await db
        .selectFrom('runs')
        .selectAll()
        .where('workflow_id', '=', workflowId)
        .orderBy('started_at', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row && recordOf(row);
    },
    async wasSent(key) {
      return (
        (await db.selectFrom('notifications').select('key').where('key', '=', key).executeTakeFirst()) !==
        undefined
      );
    },
    async markSent(key) {
      await db
        .insertInto('notifications')
        .values({ key, sent_at: new Date().toISOString() })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    },
  };
}

function rowOf(run: RunRecord): Selectable<LedgerTables['runs']> {
  return {
    workflow_id: run.workflowId,
    run_id: run.runId,
    pipeline: run.pipeline,
    outcome: run.outcome,
    started_at: run.startedAt,
    ended_at: run.endedAt ?? null,
    status: JSON.stringify(run.status),
    nominal_date: run.nominalDate === undefined ? null : instantText(run.nominalDate),
  };
}

function recordOf(row: Selectable<LedgerTables['runs']>): RunRecord {
  return {
    workflowId: row.workflow_id,
    runId: row.run_id,
    pipeline: row.pipeline,
    outcome: row.outcome,
    startedAt: row.started_at,
    ...(row.ended_at !== null && { endedAt: row.ended_at }),
    ...(row.nominal_date !== null && { nominalDate: row.nominal_date }),
    status: runStatusSchema.parse(JSON.parse(row.status)),
  };
}
