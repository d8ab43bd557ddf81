/** Upstream that nothing in the project is: no fault, since it may come from elsewhere, and mostly a slip of the pen. Pure. */
import { describeSubject, subjectOf } from './announcements';
import { didYouMean } from './file-problems';
import type { PipelineSpec } from './pipeline-file';
import { namedUpstream } from './pipeline-file/starts';

/** What of a pipeline says whom it hears. */
export type UpstreamUses = Pick<PipelineSpec, 'name' | 'triggers' | 'waitFor'>;

/** One line for each pipeline or data set that is named in `pipelines` and not among those that the project has. */
export function upstreamMissing(
  pipelines: readonly UpstreamUses[],
  known: { readonly pipelines: readonly string[]; readonly datasets: readonly string[] },
): string[] {
  return pipelines.flatMap(({ name, triggers, waitFor }) => {
    const used = [
      ...triggers.flatMap((trigger) =>
        'upstream' in trigger
          ? namedUpstream(trigger.upstream).references.map((one) => ({ how: 'starts upon', one }))
          : [],
      ),
      ...waitFor.map((one) => ({ how: 'waits for', one })),
    ];
    return used.flatMap(({ how, one }) => {
      const subject = subjectOf(one);
      const names = subject.kind === 'dataset' ? known.datasets : known.pipelines;
      if (names.includes(subject.name)) return [];
      const why =
        subject.kind === 'dataset'
          ? 'which no pipeline file of the project publishes'
          : 'which the project does not have';
      return [`${name} ${how} ${describeSubject(subject)}, ${why}${didYouMean(subject.name, names)}`];
    });
  });
}
