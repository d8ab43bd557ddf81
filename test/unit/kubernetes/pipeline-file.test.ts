// Catches a template in a pipeline file that is refused without its place, ignored without a word, or quoted with the secret that it should not hold.
import { HEAD, problemsOf, REST, SOURCES, DATASET } from '../../support/pipeline-text';

/** What is said of the templates in a file. */
const ofTemplates = (text: string): string[] =>
  problemsOf(text).filter((problem) => /^\d+:\d+ \S*kubernetes/.test(problem));
const training = (kubernetes: string, backend = 'kubernetes'): string[] =>
  ofTemplates(`${HEAD}${REST}training: { backend: ${backend}, kubernetes: ${kubernetes} }\n`);

test('a template is taken, and a parameter of the run may stand in it', () => {
  expect(training('{ queue: team-a, environment: { EPOCHS: 3 }, sharedMemory: 8Gi }')).toEqual([]);
  const params = "params: { image: { default: 'mine:1', type: string } }\n";
  const written = 'training: { backend: kubernetes, kubernetes: { image: "{{ params.image }}" } }\n';
  expect(ofTemplates(HEAD + params + REST + written)).toEqual([]);
  expect(ofTemplates(HEAD + REST + written.replace('image: "{{', 'image: "a {{'))).not.toEqual([]);
});

test('without that backend a template would do nothing, so it is refused', () => {
  const words = 'says what Jobs on Kubernetes look like, but this pipeline trains with backend: local';
  expect(training('{ queue: a }', 'local')).toEqual([`6:29 training.kubernetes: ${words}`]);
  const candidates = 'candidates: [{ name: a, trainer: xgboost, kubernetes: {} }]\n';
  expect(ofTemplates(HEAD + SOURCES + DATASET + candidates)).toEqual([
    `5:43 candidates.0.kubernetes: ${words}`,
  ]);
});

test.each([
  ['{ queu: a }', 'training.kubernetes.queu: unknown key; did you mean queue?'],
  [
    '{ patch: { spec: { backoffLimit: 2 } } }',
    'training.kubernetes.patch.spec.backoffLimit: cannot be patched: by it Millrace finds its jobs again, or keeps them from training twice',
  ],
  [
    '{ limits: { nvidia.com/gpu: 1 } }',
    'training.kubernetes.limits.nvidia.com/gpu: belongs to the candidate, as resources: { gpu: 1 }',
  ],
  [
    '{ volumes: { data: { clam: data, mountPath: /data } } }',
    'training.kubernetes.volumes.data.clam: unknown key; did you mean claim?',
  ],
  [
    '{ volumes: { data: { claim: data, mountPath: data } } }',
    'training.kubernetes.volumes.data.mountPath: write an absolute path such as /data',
  ],
  [
    '{ environment: { A: { secretKeyRef: { name: s } } } }',
    'training.kubernetes.environment.A.secretKeyRef.key: is missing',
  ],
])('%s is refused where it stands', (template, expected) => {
  expect(training(template).join('\n')).toContain(expected);
});

test('a secret in plain text is refused, and not shown', () => {
  const [problem] = training('{ environment: { WANDB_API_KEY: hunter2, URL: "http://me:hunter2@host/" } }');
  expect(problem).toContain('training.kubernetes.environment: WANDB_API_KEY holds a secret in plain text');
  expect(problem).not.toContain('hunter2');
});
