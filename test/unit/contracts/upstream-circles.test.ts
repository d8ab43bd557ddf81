// Catches pipelines that start each other for ever, and pipelines that are called a circle and are none.
import { pipelineFileSchema } from '../../../src/contracts/pipeline-file';
import { upstreamCircle, type UpstreamEdges } from '../../../src/contracts/upstream-circles';

const pipeline = (name: string, upstream: readonly object[], dataset?: string): UpstreamEdges =>
  pipelineFileSchema.parse({
    apiVersion: 'millrace/v1',
    name,
    sources: { s: { uri: 's.csv' } },
    dataset: {},
    triggers: upstream.map((one) => ({ upstream: one })),
    ...(dataset !== undefined && { publish: { dataset } }),
  });

test('three that start each other, over a data set and lists, are a circle', () => {
  expect(
    upstreamCircle([
      pipeline('apart', [{ pipeline: 'a' }]),
      pipeline('a', [{ pipeline: 'elsewhere' }, { any: [{ dataset: 'b.data' }] }]),
      pipeline('b', [{ all: [{ pipeline: 'd' }, { pipeline: 'c' }] }], 'b.data'),
      pipeline('c', [{ pipeline: 'a' }]),
      pipeline('d', []),
    ]),
  ).toEqual(['c', 'b', 'a']);
});

test('one that two ways lead to is none', () => {
  expect(
    upstreamCircle([
      pipeline('last', [{ all: [{ pipeline: 'left' }, { pipeline: 'right' }] }]),
      pipeline('left', [{ pipeline: 'first' }]),
      pipeline('right', [{ pipeline: 'first' }]),
      pipeline('first', []),
    ]),
  ).toBeUndefined();
});
