/** Catches batches beyond MLflow's limits, which the server refuses whole, and items lost or reordered where a batch is cut. */
import { batchesOf, batchLimits, type BatchContents } from '../../src/rooms/log-batches';

const metrics = (count: number) =>
  Array.from({ length: count }, (_, step) => ({ key: 'm', value: step, timestamp: 1, step }));
const pairs = (count: number, value = 'v') =>
  Array.from({ length: count }, (_, index) => ({ key: `k${String(index)}`, value }));

const cases: [string, BatchContents][] = [
  ['nothing', { metrics: [], params: [], tags: [] }],
  ['one of each', { metrics: metrics(1), params: pairs(1), tags: pairs(1) }],
  ['just the limits', { metrics: metrics(800), params: pairs(100), tags: pairs(100) }],
  ['one over in all', { metrics: metrics(801), params: pairs(100), tags: pairs(100) }],
  ['many of each', { metrics: metrics(3333), params: pairs(555), tags: pairs(444) }],
  [
    'long values',
    { metrics: metrics(10), params: pairs(90, 'ü'.repeat(6000)), tags: pairs(100, '€'.repeat(8000)) },
  ],
  ['one that is too long by itself', { metrics: [], params: pairs(3, 'x'.repeat(1_200_000)), tags: [] }],
];

it.each(cases)('keeps %s within the limits, complete and in order', (name, contents) => {
  const parts = batchesOf(contents);
  expect(parts.flatMap((part) => part.metrics)).toEqual(contents.metrics);
  expect(parts.flatMap((part) => part.params)).toEqual(contents.params);
  expect(parts.flatMap((part) => part.tags)).toEqual(contents.tags);
  for (const part of parts) {
    expect(part.metrics.length).toBeLessThanOrEqual(batchLimits.metrics);
    expect(part.params.length).toBeLessThanOrEqual(batchLimits.params);
    expect(part.tags.length).toBeLessThanOrEqual(batchLimits.tags);
    const entities = part.metrics.length + part.params.length + part.tags.length;
    expect(entities).toBeLessThanOrEqual(batchLimits.entities);
    expect(entities).toBeGreaterThan(0);
    const body = JSON.stringify({ run_id: 'r'.repeat(32), ...part });
    if (!name.includes('by itself')) expect(Buffer.byteLength(body)).toBeLessThanOrEqual(batchLimits.bytes);
  }
});

it('fills requests instead of sending one an item', () => {
  expect(batchesOf({ metrics: metrics(5000), params: [], tags: [] })).toHaveLength(5);
  expect(batchesOf({ metrics: metrics(800), params: pairs(100), tags: pairs(100) })).toHaveLength(1);
});
