/** A trainer's progress as metric histories. */
import { readFile } from 'node:fs/promises';
import { progressSchema } from '../../contracts/trainer';
import type { TrackedMetric } from '../../ports/model-tracking';

/** More points than this say nothing more in a chart, and cost MLflow seconds. */
const MAX_POINTS = 200;

/** Metrics of `progress.jsonl`, thinned evenly, the last point kept. Lines that are not progress are passed over: the file is the trainer's. */
export async function stepMetricsOf(file: string, fallbackTimestamp: number): Promise<TrackedMetric[]> {
  const text = await readFile(file, 'utf8').catch(() => '');
  const points = text.split('\n').flatMap((line) => {
    const parsed = progressSchema.safeParse(parse(line));
    return parsed.success && parsed.data.metrics ? [parsed.data] : [];
  });
  const every = Math.max(1, Math.ceil(points.length / MAX_POINTS));
  return points
    .filter((_, index) => index % every === 0 || index === points.length - 1)
    .flatMap(({ step, metrics, at }) =>
      Object.entries(metrics ?? {}).map(([name, value]) => ({
        key: `train.${name}`,
        value,
        step: Math.trunc(step),
        timestamp: Math.trunc(at ?? fallbackTimestamp),
      })),
    );
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
