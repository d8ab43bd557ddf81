/** `--param name=value` and `--date`. */
import { z } from 'zod';
import { MillraceError } from '../../contracts/errors';

/**
 * Name → text of each `name=value`; what type a value has says the pipeline file.
 * @throws USAGE for a text without a name, or a name that is given twice.
 */
export function parseParams(texts: readonly string[]): Record<string, string> {
  // A map, in which `__proto__` is a name like any other: the pipeline file then refuses it, as every name that it does not know.
  const params = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = text.slice(0, Math.max(0, at)).trim();
    if (name === '')
      throw new MillraceError('USAGE', `--param takes name=value, not ${text}.`, {
        mend: 'write it like --param max_depth=8',
      });
    if (params.has(name))
      throw new MillraceError('USAGE', `The parameter ${name} is given twice.`, { mend: 'give it once' });
    params.set(name, text.slice(at + 1));
  }
  return Object.fromEntries(params);
}

/** The nominal date that `--date` means: a day is its midnight in UTC. @throws USAGE. */
export function nominalDateOf(text: string): string {
  if (z.iso.date().safeParse(text).success) return `${text}T00:00:00Z`;
  if (z.iso.datetime({ offset: true }).safeParse(text).success) return text;
  throw new MillraceError('USAGE', `--date takes a date, not ${text.slice(0, 40)}.`, {
    mend: 'write it like 2026-11-20 or 2026-11-20T02:00:00+01:00',
  });
}
