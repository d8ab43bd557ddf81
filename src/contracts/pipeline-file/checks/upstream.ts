/** What a pipeline waits for and starts upon: not itself, and nothing twice. */
import { describeSubject, subjectOf } from '../../announcements';
import type { PathStep } from '../../file-problems';
import type { PipelineSpec } from '../index';
import { namedUpstream, type UpstreamRef, type WaitFor } from '../starts';
import type { Refuse } from './context';

/** `waitFor` and the triggers of kind upstream. Circles through other pipelines are seen by `millrace apply`. */
export function checkUpstream(spec: PipelineSpec, refuse: Refuse): void {
  const isItself = (reference: UpstreamRef | WaitFor): boolean =>
    'pipeline' in reference ? reference.pipeline === spec.name : reference.dataset === spec.publish?.dataset;
  const awaited = new Set<string>();
  spec.waitFor.forEach((wait, index) => {
    const what = describeSubject(subjectOf(wait));
    if (isItself(wait)) refuse(['waitFor', index], `a run cannot wait for ${what}: that is this pipeline`);
    else if (awaited.has(what)) refuse(['waitFor', index], `${what} is waited for twice`);
    awaited.add(what);
  });
  spec.triggers.forEach((trigger, index) => {
    if (!('upstream' in trigger)) return;
    const path: PathStep[] = ['triggers', index, 'upstream'];
    const { list, references } = namedUpstream(trigger.upstream);
    const named = new Set<string>();
    references.forEach((reference, place) => {
      const at = list === undefined ? path : [...path, list, place];
      const what = describeSubject(subjectOf(reference));
      if (isItself(reference))
        refuse(at, `${what} is this pipeline: each of its runs would start the next one`);
      else if (named.has(what)) refuse(at, `${what} is named twice`);
      named.add(what);
    });
  });
}
