/** What `millrace apply` has put in force. */
import type { Kysely, Selectable } from 'kysely';
import { z } from 'zod';
import type { scheduleSchema, triggerSchema } from '../../../contracts/pipeline-file';
import type { Registration, RegistrationLedger } from '../../../ports/registration-ledger';
import type { LedgerTables } from '../schema';

/** Of any database that kysely speaks. */
export function registrationRoom(db: Kysely<LedgerTables>): RegistrationLedger {
  return {
    async putRegistration(registration) {
      const row = { definition: JSON.stringify(registration), applied_at: registration.appliedAt };
      await db
        .insertInto('registrations')
        .values({ pipeline: registration.pipeline, ...row, paused: null })
        .onConflict((conflict) => conflict.column('pipeline').doUpdateSet(row))
        .execute();
    },
    async removeRegistration(pipeline) {
      await db.deleteFrom('registrations').where('pipeline', '=', pipeline).execute();
    },
    async listRegistrations() {
      return (await db.selectFrom('registrations').selectAll().orderBy('pipeline').execute()).map(
        registrationOf,
      );
    },
    async pauseRegistration(pipeline, pause) {
      const paused = pause && JSON.stringify({ ...pause, at: new Date().toISOString() });
      const { numUpdatedRows } = await db
        .updateTable('registrations')
        .set({ paused: paused ?? null })
        .where('pipeline', '=', pipeline)
        .executeTakeFirst();
      return numUpdatedRows > 0n;
    },
  };
}

// Durations are seconds by now: what is read back is what the schemas put out.
const definitionSchema = z.object({
  pipeline: z.string(),
  file: z.string(),
  schedule: z.custom<z.output<typeof scheduleSchema>>().optional(),
  triggers: z.array(z.custom<z.output<typeof triggerSchema>>()),
  sources: z.array(z.string()),
  appliedAt: z.string(),
});

function registrationOf(row: Selectable<LedgerTables['registrations']>): Registration {
  const { schedule, ...definition } = definitionSchema.parse(JSON.parse(row.definition));
  return {
    ...definition,
    ...(schedule && { schedule }),
    ...(row.paused !== null && { paused: JSON.parse(row.paused) as NonNullable<Registration['paused']> }),
  };
}
