/** `validate`: are the pipeline files right? */
import { resolve } from 'node:path';
import { createPipelineCatalog } from '../../adapters/project';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import type { LoadedPipeline, PipelineCatalog } from '../../ports/pipeline-catalog';
import type { CommandContext } from '../context';
import { EXIT } from '../exit-codes';
import { placeholdersFor } from '../placeholders';
import { styleOf } from '../render/style';
import { parseParams } from './params';
import { checkOnCluster, clusterLines } from './validate-on-cluster';

/** `millrace validate [PIPELINE]`: one file with its parameters, or all of them. Exit code 2 when one is wrong. */
export async function validate(
  context: CommandContext,
  pipeline: string | undefined,
  options: { readonly param?: readonly string[]; readonly cluster?: boolean },
): Promise<number> {
  const catalog = createPipelineCatalog({
    project: context.project,
    environment: context.environment,
    refusesWhatIsNotThere: true,
  });
  const style = styleOf(process.stdout, process.env);
  if (pipeline !== undefined) {
    const given = parseParams(options.param ?? []);
    const { loaded, needs } = await loadForCheck(context, catalog, pipeline, given);
    const asked = needs.map((one) => ` --param ${one}=…`).join('');
    const name = loaded?.spec.name ?? pipeline;
    const names = loaded?.spec.candidates.map((candidate) => candidate.name);
    const makes = loaded?.spec.publish
      ? `: publishes the data set ${loaded.spec.publish.dataset}`
      : `: ${names?.length ?? 0} candidates (${names?.join(', ') ?? ''})`;
    const checks =
      options.cluster === true && loaded ? await checkOnCluster(context, loaded.spec) : undefined;
    const refused = checks?.some(({ problem }) => problem !== undefined) === true;
    context.output.result(
      {
        valid: !refused,
        pipeline: name,
        ...(loaded && { file: loaded.file, candidates: names }),
        ...(needs.length === 0 ? { digest: loaded?.digest } : { needs }),
        ...(checks && { cluster: checks }),
      },
      [
        `${style.good('✓')} ${name} is valid${loaded ? makes : `, as far as one can tell without ${needs.join(', ')}`}`,
        ...(needs.length === 0 ? [] : [`  each run gives ${needs.join(', ')}, which has no default`]),
        ...clusterLines(checks ?? [], style),
        ...(refused ? [] : [`  next: millrace run ${name}${asked}`]),
      ],
    );
    return refused ? EXIT.usage : EXIT.ok;
  }
  if (options.cluster === true)
    throw new MillraceError('USAGE', '--cluster checks one pipeline', {
      mend: 'name it: millrace validate NAME --cluster',
    });
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

/**
 * Reads the file with what is given. That a parameter has no value yet is no fault of the file: something stands in for it, and `needs` names it. Nothing is
 * loaded where only the stand-in does not fit: the file is as right as the list of all files says.
 */
async function loadForCheck(
  { project }: CommandContext,
  catalog: PipelineCatalog,
  pipeline: string,
  given: Readonly<Record<string, unknown>>,
): Promise<{ readonly loaded: LoadedPipeline | undefined; readonly needs: readonly string[] }> {
  try {
    return { loaded: await catalog.load(pipeline, given), needs: [] };
  } catch (error) {
    if (!isOfParameters(error)) throw error;
    const asked = resolve(project.root, pipeline);
    const listing = (await catalog.list()).find(
      ({ name, file }) => name === pipeline || resolve(project.root, file) === asked,
    );
    const standIns = placeholdersFor(listing?.params ?? {});
    const needs = Object.keys(standIns).filter((name) => given[name] === undefined);
    if (needs.length === 0) throw error;
    try {
      return { loaded: await catalog.load(pipeline, { ...standIns, ...given }), needs };
    } catch (second) {
      if (isOfParameters(second) || !isMillraceError(second)) throw second;
      return { loaded: undefined, needs };
    }
  }
}

function isOfParameters(error: unknown): boolean {
  return isMillraceError(error) && error.code === 'PIPELINE_PARAMETER_INVALID';
}
