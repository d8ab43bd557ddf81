/** What failed for good. */
import { sql, type Kysely, type Selectable } from 'kysely';
import type { DeadLetter, DeadLetterLedger } from '../../../ports/event-ledger';
import { letterInput } from '../letter-input';
import type { LedgerTables } from '../schema';

/** Of any database that kysely speaks. */
export function deadLetterRoom(db: Kysely<LedgerTables>): DeadLetterLedger {
  return {
    async addDeadLetter(letter) {
      const row = {
        kind: letter.kind,
        pipeline: letter.pipeline === undefined ? null : asColumn(letter.pipeline),
        code: letter.code,
        occurred_at: letter.occurredAt,
        state: 'open',
        letter: JSON.stringify({ ...letter, input: letterInput(letter.input) }),
        settlement: null,
      };
      await db
        .insertInto('dead_letters')
        .values({ id: letter.id, ...row, openings: 1 })
        .onConflict((conflict) => {
          const same = conflict.column('id');
          if (letter.kind !== 'run') return same.doNothing();
          return same
            .doUpdateSet((eb) => ({ ...row, openings: eb('dead_letters.openings', '+', 1) }))
            .where('dead_letters.occurred_at', '<', letter.occurredAt);
        })
        .execute();
    },
    async listDeadLetters({ state, code, pipeline, kind, limit }) {
      let query = db
        .selectFrom('dead_letters')
        .selectAll()
        .orderBy('occurred_at', 'desc')
        .orderBy('id')
        .limit(limit);
      if (state !== undefined) query = query.where('state', '=', state);
      if (code !== undefined) query = query.where('code', '=', code);
      if (pipeline !== undefined) query = query.where('pipeline', '=', asColumn(pipeline));
      if (kind !== undefined) query = query.where('kind', '=', kind);
      return (await query.execute()).map(letterOf);
    },
    async findDeadLetter(id) {
      const row = await db.selectFrom('dead_letters').selectAll().where('id', '=', id).executeTakeFirst();
      return row && letterOf(row);
    },
    async deadLetterIds(prefix, limit) {
      // Not LIKE, in which some characters stand for others, and which SQLite reads without regard to case.
      const text = asColumn(prefix);
      const begins = sql<string>`substr(id, 1, length(cast(${text} as text)))`;
      const rows = await db
        .selectFrom('dead_letters')
        .select('id')
        .where(begins, '=', text)
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ id }) => id);
    },
    async settleDeadLetter(id, { state, by, why, workflowId, openings }) {
      const settlement = {
        settledBy: by,
        settledAt: new Date().toISOString(),
        ...(why !== undefined && { settledWhy: why }),
        ...(workflowId !== undefined && { workflowId }),
      };
      let update = db
        .updateTable('dead_letters')
        .set({ state, settlement: JSON.stringify(settlement) })
        .where('id', '=', id)
        .where('state', '=', 'open');
      if (openings !== undefined) update = update.where('openings', '=', openings);
      const { numUpdatedRows } = await update.executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

/** What came in may name a pipeline in any way; PostgreSQL's text has no NUL. */
function asColumn(text: string): string {
  return text.replaceAll('\0', '\ufffd');
}

function letterOf(row: Selectable<LedgerTables['dead_letters']>): DeadLetter {
  // Both texts were written by this file.
  const letter = JSON.parse(row.letter) as Omit<DeadLetter, 'state' | 'openings'>;
  const settlement = row.settlement === null ? {} : (JSON.parse(row.settlement) as Partial<DeadLetter>);
  return { ...letter, ...settlement, state: row.state as DeadLetter['state'], openings: row.openings };
}
