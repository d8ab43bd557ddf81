/** `apply`: the starts that the pipeline files ask for come into force. */
import { openLedger } from '../../adapters/ledger/open';
import { createScheduleRegistry } from '../../adapters/temporal/schedules';
import { ensureSearchAttributes } from '../../adapters/temporal/search-attributes';
import type { Ledger } from '../../ports/ledger';
import type { ScheduleRegistry } from '../../ports/schedule-registry';
import { carryOut } from '../apply/carry-out';
import { readInForce } from '../apply/in-force';
import { planApply } from '../apply/plan';
import { planLines } from '../apply/plan-lines';
import { folderToApply, readFiles } from '../apply/read-files';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { styleOf } from '../render/style';

/** Options of `millrace apply`. */
export interface ApplyOptions {
  readonly dryRun?: boolean;
  readonly prune?: boolean;
}

/** `millrace apply [FOLDER]`. A file that is wrong fails it before anything is changed. */
export async function apply(
  context: CommandContext,
  given: string | undefined,
  { dryRun = false, prune = false }: ApplyOptions,
): Promise<number> {
  const folder = folderToApply(context, given);
  return withSchedules(context, async (places) => {
    const { wanted, warnings } = await readFiles(context, folder, places.registry);
    const names = wanted.map(({ registration }) => registration.pipeline);
    const inForce = await readInForce(context, places, names, folder);
    const plan = planApply(wanted, inForce, { prune });
    if (!dryRun) await carryOut({ ...places, environment: context.environmentName }, plan, wanted, inForce);
    const style = styleOf(process.stdout, process.env);
    context.output.result({ dryRun, pipelines: plan, ...(warnings.length > 0 && { warnings }) }, [
      ...planLines(plan, style, { dryRun }),
      ...warnings.map((warning) => `${style.bad('!')} ${warning}`),
    ]);
    return EXIT.ok;
  });
}

/** Runs `work` with the ledger and the schedules of the environment. @throws TEMPORAL_UNAVAILABLE, LEDGER_UNAVAILABLE. */
export async function withSchedules<Result>(
  context: CommandContext,
  work: (places: { readonly ledger: Ledger; readonly registry: ScheduleRegistry }) => Promise<Result>,
): Promise<Result> {
  const { project, environment } = context;
  return context.withClient(async (client, { namespace }) => {
    const { present } = await ensureSearchAttributes(client, namespace);
    const ledger = await openLedger({ projectRoot: project.root, environment });
    try {
      return await work({ ledger, registry: createScheduleRegistry(client, { searchAttributes: present }) });
    } finally {
      await ledger.close();
    }
  });
}
