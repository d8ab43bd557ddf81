/** What the suite of shared modules bundles. */
import { z } from 'zod';
import * as pools from '../../../src/contracts/pools';

// As a user's file may.
z.config({ jitless: true });
const own = z.object({ units: z.number() });

/** How often workflows have left a mark on a schema of the contracts, and on one of this file, and whether the contracts can be changed. */
export async function marks(): Promise<{ shared: number; own: number; closed: boolean; parsed: unknown }> {
  const parsed = pools.poolLimitSchema.parse({ units: 3 });
  return Promise.resolve({
    shared: mark(pools.poolLimitSchema),
    own: mark(own),
    closed: Object.isFrozen(pools),
    parsed,
  });
}

function mark(schema: object): number {
  const marked = schema as { marks?: number };
  marked.marks = (marked.marks ?? 0) + 1;
  return marked.marks;
}
