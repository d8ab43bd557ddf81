/** `validate`: are the pipeline files right? */
import { createPipelineCatalog } from '../../adapters/project';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { styleOf } from '../render/style';
import { parseParams } from './params';

/** `millrace validate [PIPELINE]`: one file with its parameters, or all of them. Exit code 2 when one is wrong. */
export async function validate(
  context: CommandContext,
  pipeline: string | undefined,
  options: { readonly param?: readonly string[] },
): Promise<number> {
  const catalog = createPipelineCatalog({ project: context.project, environment: context.environment });
  const style = styleOf(process.stdout, process.env);
  if (pipeline !== undefined) {
    const { spec, file, digest } = await catalog.load(pipeline, parseParams(options.param ?? []));
    const names = spec.candidates.map(({ name }) => name);
    const makes = spec.publish
      ? `publishes the data set ${spec.publish.dataset}`
      : `${names.length} candidates (${names.join(', ')})`;
    context.output.result({ valid: true, pipeline: spec.name, file, digest, candidates: names }, [
      `${style.good('✓')} ${spec.name} is valid: ${makes}`,
      `  next: millrace run ${spec.name}`,
    ]);
    return EXIT.ok;
  }
  const all = await catalog.list();
  const valid = all.every(({ problem }) => problem === undefined);
  context.output.result(
    { valid, pipelines: all },
    all.length === 0
      ? ['There are no pipeline files yet. Write one with: millrace init --from DATA.csv --label COLUMN']
      : all.flatMap((one) =>
          one.problem === undefined
            ? [`${style.good('✓')} ${one.name ?? '?'}  ${style.faint(one.file)}`]
            : [`${style.bad('✗')} ${one.file}`, `  ${one.problem.code}: ${one.problem.message}`],
        ),
  );
  return valid ? EXIT.ok : EXIT.usage;
}
