/** Pipelines that would start each other for ever. Pure. */
import type { PipelineSpec } from './pipeline-file';
import { namedUpstream } from './pipeline-file/starts';

/** What of a pipeline says whom it starts upon. */
export type UpstreamEdges = Pick<PipelineSpec, 'name' | 'triggers' | 'publish'>;

/** Names of pipelines of which each starts upon the one before it, and the first upon the last; undefined when there is no such circle. */
export function upstreamCircle(pipelines: readonly UpstreamEdges[]): string[] | undefined {
  const publishers = new Map(pipelines.map(({ name, publish }) => [publish?.dataset, name]));
  const upstreamOf = new Map(
    pipelines.map(({ name, triggers }) => [
      name,
      triggers.flatMap((trigger) =>
        'upstream' in trigger ? namedUpstream(trigger.upstream).references : [],
      ),
    ]),
  );
  const finished = new Set<string>();
  const visit = (name: string, way: readonly string[]): string[] | undefined => {
    const before = way.indexOf(name);
    if (before !== -1) return way.slice(before).reverse();
    if (finished.has(name)) return undefined;
    for (const reference of upstreamOf.get(name) ?? []) {
      const upstream = 'pipeline' in reference ? reference.pipeline : publishers.get(reference.dataset);
      const circle = upstream === undefined ? undefined : visit(upstream, [...way, name]);
      if (circle) return circle;
    }
    finished.add(name);
    return undefined;
  };
  for (const { name } of pipelines) {
    const circle = visit(name, []);
    if (circle) return circle;
  }
  return undefined;
}
