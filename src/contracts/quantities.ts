/** Durations and sizes as people write them in the pipeline file. */
import { z } from 'zod';

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };
const BYTES: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

/** `90s`, `10m`, `1.5h`, `30d` → seconds. */
export const durationSchema = z
  .string()
  .regex(
    /^\d+(\.\d+)?(ms|s|m|h|d|w)$/,
    'write a duration as a number with a unit: 500ms, 90s, 10m, 2h, 30d, 1w',
  )
  .transform((text) => {
    const unit = /[a-z]+$/.exec(text)?.[0] ?? 's';
    return Number.parseFloat(text) * (SECONDS[unit] ?? 1);
  });

/** `16Gi`, `500M` (Kubernetes' notation) → bytes. */
export const sizeSchema = z
  .string()
  .regex(/^\d+(\.\d+)?(k|M|G|T|Ki|Mi|Gi|Ti)?$/, 'write a size as Kubernetes does: 512Mi, 16Gi, 2G')
  .transform((text) => {
    const unit = /[A-Za-z]*$/.exec(text)?.[0] ?? '';
    return Math.round(Number.parseFloat(text) * (BYTES[unit] ?? 1));
  });

/** Seconds → the shortest exact text for people: `90s`, `2h`, `1h 5m`. */
export function formatDuration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)}ms`;
  if (seconds < 60) return `${Number(seconds.toFixed(1))}s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor((whole % 86_400) / 3600), 'h'],
    [Math.floor((whole % 3600) / 60), 'm'],
    [whole % 60, 's'],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .slice(0, 2)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join(' ');
}
