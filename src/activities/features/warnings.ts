/** Warnings travel through Temporal's history: there are at most so many. */
export const MOST_WARNINGS = 20;

/** The first of the warnings, and how many more there are. */
export function atMost(most: number, warnings: readonly string[]): string[] {
  if (warnings.length <= most) return [...warnings];
  return [...warnings.slice(0, most - 1), `And ${warnings.length - most + 1} more.`];
}
