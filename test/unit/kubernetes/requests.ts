/** Requests for manifests, as the tests begin with them. */
import type { z } from 'zod';
import type { JobManifestRequest, KubernetesAttempt } from '../../../src/adapters/jobs/kubernetes/attempt';
import { kubernetesSettingsSchema } from '../../../src/contracts/kubernetes-settings';
import { jobTemplateSchema, mergeJobTemplates } from '../../../src/contracts/pipeline-file';

/** What a person may write into a template. */
export type WrittenTemplate = z.input<typeof jobTemplateSchema>;

export const SETTINGS = {
  ...kubernetesSettingsSchema.parse({
    namespace: 'millrace',
    image: 'registry.example/trainer:1.4.0',
    jobs: { path: '/jobs', volume: { claim: 'millrace-jobs' } },
  }),
  deployment: 'production',
};

export const ATTEMPT: KubernetesAttempt = {
  jobName: 'churn-boosted-0123456789abcdef',
  attempt: 2,
  directory: '/jobs/jobs/churn-boosted-0123456789abcdef/attempts/2',
  command: ['/opt/millrace/.millrace/python/bin/python', '-m', 'millrace_trainer', 'train', '/jobs/2'],
  environment: { OMP_NUM_THREADS: '4' },
  timeoutSeconds: 7200,
  graceSeconds: 10,
  resources: { cpu: 4, memoryBytes: 16 * 2 ** 30, gpu: 1 },
};

/** A request with templates on top of each other, and with some of the attempt and the settings changed. */
export function requestOf(
  templates: readonly WrittenTemplate[] = [],
  attempt: Partial<KubernetesAttempt> = {},
  settings: Partial<JobManifestRequest['settings']> = {},
): JobManifestRequest {
  return {
    settings: { ...SETTINGS, ...settings },
    template: mergeJobTemplates(templates.map((template) => jobTemplateSchema.parse(template))),
    attempt: { ...ATTEMPT, ...attempt },
  };
}
