/** The stage `wait`, of runs whose pipeline file says what they wait for. */
import { describeSubject, subjectOf } from '../contracts/announcements';
import type { ResolvedContext } from './prepare-data';
import { waitForUpstream } from './wait-for-upstream';

/** Waits for what `waitFor` names; a run without has no such stage. @throws ApplicationFailure UPSTREAM_FAILED. */
export async function waitStage({
  run,
  resolved,
  activities,
}: Pick<ResolvedContext, 'run' | 'resolved' | 'activities'>): Promise<void> {
  const { waitFor } = resolved;
  if (!waitFor?.length) return;
  await run.stage(
    'wait',
    async () => {
      const since = new Date().toISOString();
      try {
        return await waitForUpstream(waitFor, activities.upstream, (left) => {
          const what = left.map((wait) => describeSubject(subjectOf(wait))).join(' and ');
          run.waiting(left.length === 0 ? undefined : { for: what, since });
        });
      } finally {
        run.waiting(undefined);
      }
    },
    (announcements) => ({
      note: announcements
        .map((one) => `${describeSubject(one)}: ${one.outcome} by ${one.workflowId}`)
        .join(', '),
    }),
  );
}
