/** Catches an activity that Temporal takes for dead, and starts again for ever, while it fetches or uploads something large. */
import { MockActivityEnvironment } from '@temporalio/testing';
import type { ArtifactStore } from '../../../src/ports/artifact-store';
import { heartbeatingStore } from '../../../src/workers/heartbeating-store';

const ref = { step: 'split', key: 'a'.repeat(64), digest: 'b'.repeat(64) } as const;

/** A store whose `open` takes as long as the test says. */
function slowStore(hostBound: boolean): { store: ArtifactStore; finish: () => void } {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const store: Partial<ArtifactStore> = {
    id: 'slow',
    hostBound,
    open: () => finished.then(() => ({ ref, manifest: {} as never, directory: '/nowhere' })),
  };
  return { store: store as ArtifactStore, finish: () => finish() };
}

async function heartbeatsDuring(hostBound: boolean): Promise<number> {
  jest.useFakeTimers();
  try {
    const environment = new MockActivityEnvironment();
    let heartbeats = 0;
    environment.on('heartbeat', () => (heartbeats += 1));
    const { store, finish } = slowStore(hostBound);
    const running = environment.run(() => heartbeatingStore(store).open(ref));
    await jest.advanceTimersByTimeAsync(60_000);
    const during = heartbeats;
    finish();
    await running;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(heartbeats).toBe(during);
    return during;
  } finally {
    jest.useRealTimers();
  }
}

test('a minute of fetching from a bucket has heartbeats, more often than every timeout; none come afterwards', async () => {
  expect(await heartbeatsDuring(false)).toBeGreaterThanOrEqual(10);
});

test('a store on a disk is used as it is', async () => {
  const { store } = slowStore(true);
  expect(heartbeatingStore(store)).toBe(store);
  expect(await heartbeatsDuring(true)).toBe(0);
});
