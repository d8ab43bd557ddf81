/** What the suite of the owner bundles: the owner itself, and runs that only listen. */
import { condition, defineQuery, defineSignal, setHandler } from '@temporalio/workflow';
import type { ReleaseUpdate } from '../../src/contracts/release';
import { RUN_MESSAGES } from '../../src/contracts/runs';

export { modelRelease } from '../../src/workflows/model-release';

export const heardQuery = defineQuery<ReleaseUpdate[]>('heard');
const releaseUpdateSignal = defineSignal<[ReleaseUpdate]>(RUN_MESSAGES.releaseUpdate);
const stopSignal = defineSignal('stop');

/** Stands for a run: remembers every word of the owner until it is told to stop. */
export async function listeningRun(): Promise<void> {
  const heard: ReleaseUpdate[] = [];
  const state = { over: false };
  setHandler(heardQuery, () => heard);
  setHandler(releaseUpdateSignal, (update) => void heard.push(update));
  setHandler(stopSignal, () => void (state.over = true));
  await condition(() => state.over);
}
