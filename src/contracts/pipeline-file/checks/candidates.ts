/** What candidates must agree on with the task. */
import type { Task } from '../../trainer';
import type { PipelineSpec } from '../index';
import { writtenTask } from './evaluation';
import type { Refuse } from './context';

/** Reference trainers that serve some tasks only. */
const TASKS: Readonly<Record<string, readonly Task[]>> = {
  'sklearn/logistic-regression': ['binary', 'multiclass'],
  'sklearn/ridge': ['regression'],
};

/** Trainers against the task, and times that let something happen. */
export function checkCandidates(spec: PipelineSpec, refuse: Refuse): void {
  const task = writtenTask(spec);
  if (spec.training.timeout <= 0)
    refuse(['training', 'timeout'], 'no job can run in no time: give a duration such as 2h');
  if (spec.sla !== undefined && spec.sla <= 0)
    refuse(['sla'], 'every run takes longer than that: give a duration such as 2h');
  const { approval } = spec.deploy;
  if (typeof approval === 'object' && approval.timeout <= 0)
    refuse(['deploy', 'approval', 'timeout'], 'nobody can approve in no time: give a duration such as 7d');
  spec.candidates.forEach((candidate, index) => {
    if (typeof candidate.trainer !== 'string' || task === undefined) return;
    const tasks = TASKS[candidate.trainer];
    if (tasks !== undefined && !tasks.includes(task))
      refuse(
        ['candidates', index, 'trainer'],
        `${candidate.trainer} is for ${tasks.join(' and ')}; this task is ${task}`,
      );
  });
}
