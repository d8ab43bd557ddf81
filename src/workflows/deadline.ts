/** The SLA of a run: an alert, not a limit. */
import { CancellationScope, isCancellation, sleep } from '@temporalio/workflow';

/** Calls `late` once when the run has lasted `seconds`. Ends with the workflow. */
export function watchDeadline(seconds: number | undefined, late: () => void): void {
  if (seconds === undefined) return;
  void CancellationScope.cancellable(async () => {
    await sleep(seconds * 1000);
    late();
  }).catch((error: unknown) => {
    if (!isCancellation(error)) throw error;
  });
}
