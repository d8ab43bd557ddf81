// Catches an attempt that is called over while its Job makes another pod, a failure of the wrong class, and a wait whose reason nobody is told.
import type { V1Job, V1Pod } from '@kubernetes/client-node';
import { TRAINER_CONTAINER } from '../../../src/contracts/pipeline-file';
import { stateOf } from '../../../src/adapters/jobs/kubernetes/outcome';

const NOW = new Date('2026-11-22T12:00:00Z');
const job = (status: object = {}, spec: object = {}): V1Job =>
  ({
    metadata: { name: 'job-1', creationTimestamp: '2026-11-22T11:00:00Z' },
    spec,
    status,
  }) as unknown as V1Job;
const FAILED = job({ conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] });
const pod = (status: object, name = 'job-1-a', createdAt = '2026-11-22T11:00:01Z'): V1Pod =>
  ({
    metadata: { name, creationTimestamp: createdAt },
    spec: { nodeName: 'gpu-0' },
    status,
  }) as unknown as V1Pod;
const trainer = (state: object): object => ({ containerStatuses: [{ name: TRAINER_CONTAINER, state }] });
const terminated = (more: object): object =>
  trainer({ terminated: { startedAt: '2026-11-22T11:01:00Z', finishedAt: '2026-11-22T11:02:00Z', ...more } });
const disrupted = (reason: string): object => ({
  conditions: [{ type: 'DisruptionTarget', status: 'True', reason }],
});

test.each<[string, V1Job, V1Pod[], object]>([
  [
    'no pod yet',
    job(),
    [],
    { kind: 'waiting', words: 'Queued: the Job has no pod yet', unschedulable: false },
  ],
  [
    'a queue that has not admitted it',
    job({}, { suspend: true }),
    [],
    { kind: 'waiting', words: expect.stringContaining('queue') as string },
  ],
  [
    'too few GPUs',
    job(),
    [
      pod({
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '1 Insufficient nvidia.com/gpu.',
          },
        ],
      }),
    ],
    { kind: 'waiting', words: 'Unschedulable: 1 Insufficient nvidia.com/gpu.', unschedulable: true },
  ],
  [
    'an image that is not there',
    job(),
    [pod({ phase: 'Pending', ...trainer({ waiting: { reason: 'ImagePullBackOff', message: 'Back-off' } }) })],
    { kind: 'waiting', words: 'ImagePullBackOff: Back-off', unschedulable: false },
  ],
  [
    'running',
    job(),
    [pod({ phase: 'Running', ...trainer({ running: { startedAt: '2026-11-22T11:01:00Z' } }) })],
    { kind: 'running', startedAt: '2026-11-22T11:01:00.000Z', pod: 'job-1-a', node: 'gpu-0' },
  ],
  [
    'a pod that has ended well decides before its Job',
    job(),
    [pod({ phase: 'Succeeded', ...terminated({ exitCode: 0 }) })],
    over({ reason: 'exited', exitCode: 0 }),
  ],
  [
    'refused input',
    FAILED,
    [pod({ phase: 'Failed', ...terminated({ exitCode: 64 }) })],
    over({ reason: 'exited', exitCode: 64 }),
  ],
  [
    'out of memory',
    FAILED,
    [pod({ phase: 'Failed', ...terminated({ exitCode: 137, reason: 'OOMKilled' }) })],
    over({ reason: 'out-of-memory' }),
  ],
  [
    'killed from outside',
    FAILED,
    [pod({ phase: 'Failed', ...terminated({ exitCode: 137, reason: 'Error' }) })],
    over({ reason: 'signalled', signal: 'SIGKILL' }),
  ],
  [
    'a command that is not there',
    FAILED,
    [pod({ phase: 'Failed', ...terminated({ exitCode: 128, reason: 'StartError', message: 'no python' }) })],
    over({ reason: 'not-started', message: 'no python' }),
  ],
  [
    'over its time',
    FAILED,
    [pod({ phase: 'Failed', reason: 'DeadlineExceeded', ...terminated({ exitCode: 137 }) })],
    over({ reason: 'timeout' }),
  ],
  [
    'failed, and the Job has not said so: it may have been evicted',
    job(),
    [pod({ phase: 'Running', ...terminated({ exitCode: 1 }) })],
    { kind: 'waiting', words: 'Ended: its Job is about to say how' },
  ],
  [
    'aborted by itself',
    FAILED,
    [pod({ phase: 'Failed', ...terminated({ exitCode: 134 }) })],
    over({ reason: 'signalled', signal: 'SIGABRT' }),
  ],
  [
    'a child of it that ran out of memory, though it ended well',
    job(),
    [pod({ phase: 'Succeeded', ...terminated({ exitCode: 0, reason: 'OOMKilled' }) })],
    over({ reason: 'exited', exitCode: 0 }),
  ],
  [
    'on a node that does not answer any more',
    job(),
    [
      pod({
        phase: 'Running',
        ...disrupted('DeletionByTaintManager'),
        ...trainer({ running: { startedAt: '2026-11-22T11:01:00Z' } }),
      }),
    ],
    { kind: 'waiting', words: expect.stringContaining('DeletionByTaintManager') as string },
  ],
  [
    'evicted: its Job makes another pod',
    job(),
    [pod({ phase: 'Failed', ...disrupted('EvictionByEvictionAPI'), ...terminated({ exitCode: 143 }) })],
    { kind: 'waiting', words: expect.stringContaining('EvictionByEvictionAPI') as string },
  ],
  [
    'pre-empted, and the next pod runs',
    job(),
    [
      pod(
        { phase: 'Running', ...trainer({ running: { startedAt: '2026-11-22T11:05:00Z' } }) },
        'job-1-b',
        '2026-11-22T11:04:00Z',
      ),
      pod({ phase: 'Failed', ...disrupted('PreemptionByScheduler') }),
    ],
    { kind: 'running', pod: 'job-1-b' },
  ],
  [
    'a Job that is complete and whose pod was cleared away',
    job({ conditions: [{ type: 'Complete', status: 'True' }] }),
    [],
    over({ reason: 'exited', exitCode: 0 }),
  ],
  [
    'a Job that failed without a pod to ask',
    job({
      conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded', message: 'gone' }],
    }),
    [],
    over({ reason: 'lost', message: 'The Job failed (BackoffLimitExceeded): gone' }),
  ],
  [
    'a node that vanished',
    FAILED,
    [pod({ phase: 'Failed', reason: 'NodeLost', message: 'the node is gone' })],
    over({ reason: 'lost', message: 'The pod failed (NodeLost): the node is gone' }),
  ],
])('%s', (_, of, pods, expected) => {
  expect(stateOf(of, pods, NOW)).toMatchObject(expected);
});

function over(exit: object): object {
  return { kind: 'over', exit };
}
