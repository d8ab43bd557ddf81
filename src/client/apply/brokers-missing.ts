/** Kafka triggers of an environment that names no brokers: pure. */
import type { PipelineSpec } from '../../contracts/pipeline-file';
import type { Environment } from '../../contracts/project-file';

/** One line for each pipeline whose Kafka triggers nobody can listen for. Other environments may have brokers, so that it is no fault of the file. */
export function brokersMissing(
  pipelines: readonly Pick<PipelineSpec, 'name' | 'triggers'>[],
  { name, kafka }: { readonly name: string; readonly kafka?: Environment['kafka'] },
): string[] {
  if (kafka !== undefined) return [];
  return pipelines
    .filter(({ triggers }) => triggers.some((trigger) => 'kafka' in trigger))
    .map(
      ({ name: pipeline }) =>
        `${pipeline} has a Kafka trigger, and the environment ${name} names no brokers: no message starts it. Name them in the section kafka of millrace.yaml, then type \`millrace up\`.`,
    );
}
