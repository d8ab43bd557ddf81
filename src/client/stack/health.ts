/** What the health page of one of Millrace's own parts says. */
import { z } from 'zod';

const LIMIT_MS = 2000;

const pageSchema = z.object({
  starting: z.boolean().default(false),
  parts: z
    .array(
      z.object({
        part: z.string(),
        healthy: z.boolean(),
        url: z.string().optional(),
        reason: z.string().optional(),
        mend: z.string().optional(),
      }),
    )
    .default([]),
});

/** How a part is. */
export interface Health {
  /** Whether it answers and is well. */
  readonly well: boolean;
  /** Whether it does not know yet what it lacks. */
  readonly starting: boolean;
  /** What keeps it from that until somebody acts, each with its mend. Empty while it only starts. */
  readonly troubles: readonly string[];
  /** Where the HTTP API listens, of the part that has it. */
  readonly api: string | undefined;
}

/** Asks the page, for two seconds at most. Whatever does not answer is not well, and says nothing. */
export async function askHealth(url: string): Promise<Health> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) });
    const { starting, parts } = pageSchema.parse(await answer.json());
    return {
      well: answer.ok,
      starting,
      troubles: parts.flatMap(({ part, healthy, reason, mend }) =>
        healthy || mend === undefined
          ? []
          : [`${part}: ${reason === undefined ? '' : `${reason} Mend: `}${mend}`],
      ),
      api: parts.find(({ part }) => part === 'api')?.url,
    };
  } catch {
    return { well: false, starting: true, troubles: [], api: undefined };
  }
}

/** Whether there is nothing left to wait for: it is well, or waits itself for somebody to act. */
export async function hasSettled(url: string): Promise<boolean> {
  const { well, starting, troubles } = await askHealth(url);
  return (well && !starting) || troubles.length > 0;
}
