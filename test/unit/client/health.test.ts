/** Catches a `millrace up` that waits for ever on a trigger service which answers and says what it lacks, and one that ends before the service knows. */
import { askHealth, hasSettled } from '../../../src/client/stack/health';
import { createKafkaTrigger, type KafkaTriggerDependencies } from '../../../src/client/serve/triggers/kafka';
import { serveHealth } from '../../../src/workers/health';

test('a service that starts is waited for; one that lacks brokers is not, and says its mend; one that is well has settled', async () => {
  const kafka = createKafkaTrigger({ environment: {} } as KafkaTriggerDependencies);
  let api: object = { healthy: false };
  let starting = true;
  const page = await serveHealth(0, () => {
    const parts = [
      { part: 'api', healthy: false, ...api },
      { part: 'kafka', ...kafka.health() },
    ];
    return { healthy: parts.every(({ healthy }) => healthy), starting, parts };
  });
  try {
    await expect(hasSettled(page.url)).resolves.toBe(false);
    api = { healthy: true, url: 'http://127.0.0.1:1' };
    // Well so far, but the parts have not been told of the triggers.
    await expect(hasSettled(page.url)).resolves.toBe(false);
    starting = false;
    await expect(hasSettled(page.url)).resolves.toBe(true);
    await expect(askHealth(page.url)).resolves.toMatchObject({ well: true, api: 'http://127.0.0.1:1' });
    await kafka.update([
      {
        pipeline: 'churn',
        file: 'pipelines/churn.yaml',
        triggers: [{ kafka: { topic: 'requests', where: {} } }],
        sources: [],
        appliedAt: '2026-01-01T00:00:00Z',
      },
    ]);
    await expect(hasSettled(page.url)).resolves.toBe(true);
    await expect(askHealth(page.url)).resolves.toMatchObject({
      well: false,
      troubles: [expect.stringMatching(/^kafka: name the brokers/)],
    });
  } finally {
    await page.close();
  }
  await expect(hasSettled(page.url)).resolves.toBe(false);
});
