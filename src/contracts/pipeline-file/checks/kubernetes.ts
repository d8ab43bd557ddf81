/** The templates of Jobs on Kubernetes against the backend. */
import type { PipelineSpec } from '../index';
import type { Problem } from '../../file-problems';
import type { CheckContext, Refuse } from './context';

/** A template that nothing would heed is refused, not ignored. */
export function checkKubernetes({ training, candidates }: PipelineSpec, refuse: Refuse): void {
  if (training.backend === 'kubernetes') {
    candidates.forEach(({ trainer }, index) => {
      if (typeof trainer !== 'string' && trainer.requirements !== undefined)
        refuse(
          ['candidates', index, 'trainer', 'requirements'],
          'cannot be installed on Kubernetes: name an image that has them, kubernetes: { image }',
          'key',
        );
    });
    return;
  }
  const message = `says what Jobs on Kubernetes look like, but this pipeline trains with backend: ${training.backend}`;
  if (training.kubernetes !== undefined) refuse(['training', 'kubernetes'], message, 'key');
  candidates.forEach(({ kubernetes }, index) => {
    if (kubernetes !== undefined) refuse(['candidates', index, 'kubernetes'], message, 'key');
  });
}

/** `training.backend: kubernetes` against the environment: KUBERNETES_CONFIG where it has no cluster. */
export function checkCluster({ training }: PipelineSpec, { hasCluster }: CheckContext): Problem[] {
  if (training.backend !== 'kubernetes' || hasCluster !== false) return [];
  const message = 'the environment has no cluster to train on';
  return [{ path: ['training', 'backend'], at: 'value', code: 'KUBERNETES_CONFIG', message }];
}
