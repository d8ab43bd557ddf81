/** Cron expressions as the pipeline file has them: five fields, or a word for them. What they match is what Temporal's schedules match. */

/** The values that each field matches, ascending. Unlike in some crons, a day must match both its fields. */
export interface CronFields {
  readonly minute: readonly number[];
  readonly hour: readonly number[];
  readonly dayOfMonth: readonly number[];
  /** From 1. */
  readonly month: readonly number[];
  /** From 0, Sunday. */
  readonly dayOfWeek: readonly number[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

interface FieldRule {
  readonly title: string;
  readonly least: number;
  readonly most: number;
  /** Names of the values from `least` on. */
  readonly names: readonly string[];
}
const FIELDS: Readonly<Record<keyof CronFields, FieldRule>> = {
  minute: { title: 'minute', least: 0, most: 59, names: [] },
  hour: { title: 'hour', least: 0, most: 23, names: [] },
  dayOfMonth: { title: 'day of the month', least: 1, most: 31, names: [] },
  month: { title: 'month', least: 1, most: 12, names: MONTHS },
  // 7 is Sunday, too.
  dayOfWeek: { title: 'day of the week', least: 0, most: 7, names: DAYS },
};

const WORDS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Reads a cron expression; `problem` says in words what is wrong with it. */
export function parseCron(text: string): { readonly fields: CronFields } | { readonly problem: string } {
  const written = text.trim();
  if (written.startsWith('@') && !Object.hasOwn(WORDS, written))
    return {
      problem: `${written} is not known: use one of ${Object.keys(WORDS).join(', ')}, or five fields`,
    };
  const parts = (WORDS[written] ?? written).split(/\s+/);
  if (parts.length !== 5 || written === '')
    return { problem: 'write five fields: minute, hour, day of the month, month, day of the week' };
  const names = Object.keys(FIELDS) as (keyof CronFields)[];
  const values: Partial<Record<keyof CronFields, number[]>> = {};
  for (const [index, name] of names.entries()) {
    const field = parseField(parts[index] ?? '', FIELDS[name]);
    if ('problem' in field) return field;
    values[name] = field.values;
  }
  const fields = values as CronFields;
  return { fields: { ...fields, dayOfWeek: ascending(fields.dayOfWeek.map((day) => day % 7)) } };
}

function parseField(text: string, rule: FieldRule): { values: number[] } | { problem: string } {
  const found: number[] = [];
  for (const part of text.split(',')) {
    const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d{1,4}))?$/i.exec(part);
    const [, from, to, stepText] = match ?? [];
    const step = Number(stepText ?? 1);
    if (from === undefined || (from === '*' && to !== undefined) || step < 1)
      return { problem: `the ${rule.title} ${text} is not valid: write *, 5, 1-5, */15 or 1,15` };
    const first = from === '*' ? rule.least : valueOf(from, rule);
    // A single value with a step goes on to the end.
    const open = from === '*' || stepText !== undefined;
    const last = to === undefined ? (open ? rule.most : first) : valueOf(to, rule);
    if (first === undefined || last === undefined)
      return { problem: `the ${rule.title} ${text} lies outside ${rule.least} to ${rule.most}` };
    if (last < first) return { problem: `the ${rule.title} ${text} ends before it begins` };
    for (let value = first; value <= last; value += step) found.push(value);
  }
  return { values: ascending(found) };
}

function valueOf(text: string, { least, most, names }: FieldRule): number | undefined {
  const named = names.indexOf(text.toLowerCase());
  const value = named >= 0 ? least + named : /^\d{1,2}$/.test(text) ? Number(text) : NaN;
  return value >= least && value <= most ? value : undefined;
}

function ascending(values: readonly number[]): number[] {
  return [...new Set(values)].sort((a, b) => a - b);
}
