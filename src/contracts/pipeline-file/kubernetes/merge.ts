/** Templates on top of each other: of the environment, of the pipeline, of the candidate. Pure. */
import type { JobPatch } from './patch';
import type { JobTemplate } from './template';

/** Several templates in one; their patches are applied one after the other. */
export type MergedJobTemplate = Omit<JobTemplate, 'patch'> & { readonly patches: readonly JobPatch[] };

/**
 * The templates in one; what a later one says counts. Mappings (environment, requests, limits, nodeSelector, volumes) are merged by key, everything
 * else is taken whole. `arguments` belong to the `command` that they were written with: a later command without arguments goes without them.
 */
export function mergeJobTemplates(templates: readonly (JobTemplate | undefined)[]): MergedJobTemplate {
  const none: MergedJobTemplate = {
    environment: {},
    requests: {},
    limits: {},
    nodeSelector: {},
    volumes: {},
    patches: [],
  };
  return templates.reduce<MergedJobTemplate>((merged, template) => {
    if (template === undefined) return merged;
    const { patch, ...over } = template;
    const { arguments: before, ...base } = merged;
    const keepsArguments = before !== undefined && over.command === undefined;
    return {
      ...base,
      ...(keepsArguments && { arguments: before }),
      ...over,
      environment: { ...merged.environment, ...over.environment },
      requests: { ...merged.requests, ...over.requests },
      limits: { ...merged.limits, ...over.limits },
      nodeSelector: { ...merged.nodeSelector, ...over.nodeSelector },
      volumes: { ...merged.volumes, ...over.volumes },
      patches: patch === undefined ? merged.patches : [...merged.patches, patch],
    };
  }, none);
}
