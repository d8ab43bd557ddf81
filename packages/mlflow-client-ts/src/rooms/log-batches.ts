import type { Metric, Param, RunTag } from '../generated/schemas';

/** What a log-batch request carries. */
export interface BatchContents {
  readonly metrics: readonly Metric[];
  readonly params: readonly Param[];
  readonly tags: readonly RunTag[];
}

/** What fits into one request. */
export interface BatchPart {
  metrics: Metric[];
  params: Param[];
  tags: RunTag[];
}

/** MLflow's limits for one request (`mlflow.utils.validation`): per kind, in all, and the size of the body. */
export const batchLimits = {
  metrics: 1000,
  params: 100,
  tags: 100,
  entities: 1000,
  bytes: 1_000_000,
} as const;

/** Room for the run's id and the names around the lists. */
const envelopeBytes = 1000;

/**
 * Cuts a batch into requests within MLflow's limits, order kept: parameters first, then tags, then metrics, so that whoever
 * sees the metrics also sees what they were measured with.
 */
export function batchesOf(contents: BatchContents): BatchPart[] {
  const parts: BatchPart[] = [];
  let part: BatchPart = emptyPart();
  let bytes = envelopeBytes;
  const add = <Kind extends keyof BatchPart>(kind: Kind, item: BatchPart[Kind][number]): void => {
    const itemBytes = Buffer.byteLength(JSON.stringify(item), 'utf8') + 1;
    const entities = part.metrics.length + part.params.length + part.tags.length;
    const full =
      part[kind].length >= batchLimits[kind] ||
      entities >= batchLimits.entities ||
      bytes + itemBytes > batchLimits.bytes;
    if (full && entities > 0) {
      parts.push(part);
      part = emptyPart();
      bytes = envelopeBytes;
    }
    (part[kind] as (typeof item)[]).push(item);
    bytes += itemBytes;
  };
  for (const param of contents.params) add('params', param);
  for (const tag of contents.tags) add('tags', tag);
  for (const metric of contents.metrics) add('metrics', metric);
  if (part.metrics.length + part.params.length + part.tags.length > 0) parts.push(part);
  return parts;
}

function emptyPart(): BatchPart {
  return { metrics: [], params: [], tags: [] };
}
