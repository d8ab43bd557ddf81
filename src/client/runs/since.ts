import { durationSchema } from '../../contracts/quantities';

/** Seconds of `2h` or `7d`; undefined for any other text. */
export function parseDurationSeconds(text: string): number | undefined {
  const parsed = durationSchema.safeParse(text);
  return parsed.success ? parsed.data : undefined;
}
