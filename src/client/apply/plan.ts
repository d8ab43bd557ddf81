/** What `millrace apply` would change. Pure: from what the files ask for and what is in force to a plan. */
import { canonicalJson } from '../../contracts/digest';
import { NOTHING, type ScheduleTerms } from '../../contracts/schedule-terms';
import type { Registration } from '../../ports/registration-ledger';
import type { ScheduleInForce } from '../../ports/schedule-registry';

/** What a file asks for. */
export interface Wanted {
  readonly registration: Omit<Registration, 'paused' | 'appliedAt'>;
  /** Absent where the file has no schedule. */
  readonly terms?: ScheduleTerms;
}

/** What is in force of one pipeline; each part may be missing, after a crash or by somebody's hand. */
export interface InForce {
  readonly pipeline: string;
  readonly registration?: Registration;
  /** The terms of the schedule in the registration. */
  readonly terms?: ScheduleTerms;
  /** The schedule as Temporal holds it. */
  readonly schedule?: ScheduleInForce;
  /** Whether it comes from a folder that is applied: only then its file is missed. */
  readonly inScope: boolean;
}

/** A field that changes; `null` where there is none. */
export interface Difference {
  readonly field: string;
  readonly from: string | null;
  readonly to: string | null;
  /** Somebody has changed it in Temporal since it was applied. */
  readonly byHand: boolean;
}

/** What happens to one pipeline. */
export interface PlanEntry {
  readonly pipeline: string;
  /** `left`: its file is gone, and it stays in force without `--prune`. */
  readonly action: 'create' | 'change' | 'remove' | 'unchanged' | 'left';
  readonly file: string | null;
  readonly differences: readonly Difference[];
  /** Note of the pause that stands; changes do not end it. */
  readonly paused: string | null;
}

/** The plan, by name of the pipeline. */
export function planApply(
  wanted: readonly Wanted[],
  inForce: readonly InForce[],
  { prune }: { readonly prune: boolean },
): PlanEntry[] {
  const known = new Map(inForce.map((one) => [one.pipeline, one]));
  const asked = new Set(wanted.map(({ registration }) => registration.pipeline));
  const entries = [
    ...wanted.flatMap((one) => entryOf(one, known.get(one.registration.pipeline)) ?? []),
    ...inForce
      .filter(({ pipeline, inScope }) => inScope && !asked.has(pipeline))
      .map((one) => withoutFile(one, prune)),
  ];
  return entries.sort((a, b) => (a.pipeline < b.pipeline ? -1 : 1));
}

/** Whether the plan changes anything. */
export function changes(plan: readonly PlanEntry[]): boolean {
  return plan.some(({ action }) => action === 'create' || action === 'change' || action === 'remove');
}

/** A file that asks for no start needs no entry, unless it once did. */
function entryOf(wanted: Wanted, found: InForce | undefined): PlanEntry | undefined {
  const { pipeline, file, triggers } = wanted.registration;
  const asks = wanted.terms !== undefined || triggers.length > 0;
  const inForce = found?.registration !== undefined || found?.schedule !== undefined;
  if (!asks && !inForce) return undefined;
  const common = { pipeline, file, paused: pauseOf(found) };
  if (!asks) return { ...common, action: 'remove', differences: [] };
  const differences = differencesOf(wanted, found);
  if (found?.registration === undefined) return { ...common, action: 'create', differences };
  return { ...common, action: differences.length > 0 ? 'change' : 'unchanged', differences };
}

function withoutFile(found: InForce, prune: boolean): PlanEntry {
  return {
    pipeline: found.pipeline,
    action: prune ? 'remove' : 'left',
    file: found.registration?.file ?? null,
    differences: [],
    paused: pauseOf(found),
  };
}

function pauseOf(found: InForce | undefined): string | null {
  return found?.registration?.paused?.note ?? found?.schedule?.paused?.note ?? null;
}

type Fields = Readonly<Record<string, string>>;

function differencesOf(wanted: Wanted, found: InForce | undefined): Difference[] {
  const differences = new Map<string, Difference>();
  const compare = (from: Fields, to: Fields, byHand: boolean): void => {
    for (const field of new Set([...Object.keys(from), ...Object.keys(to)])) {
      if (from[field] === to[field] || differences.has(field)) continue;
      differences.set(field, { field, from: from[field] ?? null, to: to[field] ?? null, byHand });
    }
  };
  const registration = found?.registration;
  const target = termFields(wanted.terms);
  compare(
    registration ? { ...startFields(registration), ...termFields(found.terms) } : {},
    { ...startFields(wanted.registration), ...target },
    false,
  );
  // What is in force is what Temporal holds, whatever the ledger says.
  const isApplied = registration?.schedule !== undefined;
  if (found !== undefined && (wanted.terms ?? found.schedule) !== undefined)
    compare(
      { ...termFields(found.schedule?.terms), ...pauseField(found.schedule?.paused?.note) },
      {
        ...target,
        ...pauseField(registration?.paused?.note ?? found.schedule?.paused?.note),
      },
      isApplied,
    );
  return [...differences.values()];
}

/** Pauses are one difference, whatever their notes. */
function pauseField(note: string | undefined): Fields {
  return { 'schedule.paused': note === undefined ? 'no' : 'yes' };
}

function startFields({ file, triggers, sources }: Wanted['registration']): Fields {
  return {
    file,
    sources: sources.join(', '),
    ...Object.fromEntries(triggers.map((trigger, index) => [`triggers[${index}]`, canonicalJson(trigger)])),
  };
}

/** What there is none of goes without saying: a plan says `none` of what is missing, too. */
function termFields(terms: ScheduleTerms | undefined): Fields {
  if (!terms) return {};
  const shown = Object.entries(terms).filter(([, text]) => text !== NOTHING);
  return Object.fromEntries(shown.map(([term, text]) => [`schedule.${term}`, text]));
}
