/** What the pipeline files ask for. All of them must be right before anything is changed. */
import { relative, resolve } from 'node:path';
import { createPipelineCatalog, isInside } from '../../adapters/project';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import type { PipelineSpec } from '../../contracts/pipeline-file';
import { upstreamCircle } from '../../contracts/upstream-circles';
import { upstreamMissing } from '../../contracts/upstream-missing';
import type { LoadedPipeline, PipelineCatalog, PipelineListing } from '../../ports/pipeline-catalog';
import type { ScheduleRegistry } from '../../ports/schedule-registry';
import type { CommandContext } from '../context';
import { brokersMissing } from './brokers-missing';
import { placeholdersFor } from '../placeholders';
import type { Wanted } from './plan';

/** Any nominal date does to see whether one fills what the file asks for. */
const SOME_DATE = '2026-01-01T00:00:00Z';

/** The folder that is applied, absolute. @throws USAGE for one whose pipelines the workers would not find. */
export function folderToApply({ project }: CommandContext, folder: string | undefined): string {
  const absolute = folder === undefined ? project.pipelines : resolve(folder);
  if (isInside(absolute, project.pipelines)) return absolute;
  throw new MillraceError('USAGE', `${folder ?? ''} is not the project's folder of pipelines, nor in it.`, {
    where: absolute,
    mend: `apply ${relative(process.cwd(), project.pipelines) || '.'}, or set pipelines in millrace.yaml: workers look for pipelines there`,
  });
}

/** Reads every pipeline file of the folder; warns of upstream that no file of the project is, and of brokers that nobody named. @throws PIPELINE_FILE_INVALID (or what all problems share) naming all problems of all files. */
export async function readFiles(
  context: CommandContext,
  folder: string,
  registry: Pick<ScheduleRegistry, 'termsOf'>,
): Promise<{ readonly wanted: readonly Wanted[]; readonly warnings: readonly string[] }> {
  const { project, environment } = context;
  // The whole project is looked through, so that a name which two files share is found.
  const catalog = createPipelineCatalog({ project, environment, refusesWhatIsNotThere: true });
  const all = await catalog.list();
  const listings = all.filter(({ file }) => isInside(resolve(project.root, file), folder));
  const wanted: Wanted[] = [];
  const problems: MillraceError[] = [];
  const specs: PipelineSpec[] = [];
  for (const listing of listings) {
    try {
      const loaded = await load(catalog, listing);
      specs.push(loaded.spec);
      wanted.push(wantedOf(context, listing.file, loaded, registry));
    } catch (error) {
      if (!isMillraceError(error)) throw error;
      problems.push(error);
    }
  }
  if (problems.length > 0) throw together(problems, listings.length);
  refuseCircles(specs);
  const elsewhere = await publishedBy(
    catalog,
    all.filter((listing) => !listings.includes(listing)),
  );
  const warnings = upstreamMissing(specs, {
    pipelines: all.flatMap(({ name }) => name ?? []),
    datasets: [...specs.flatMap(({ publish }) => publish?.dataset ?? []), ...elsewhere],
  });
  const brokers = brokersMissing(specs, { ...environment, name: context.environmentName });
  return { wanted, warnings: [...warnings, ...brokers] };
}

/** Data sets that other folders publish. A file there that cannot be read is not what is applied. */
async function publishedBy(
  catalog: PipelineCatalog,
  listings: readonly PipelineListing[],
): Promise<string[]> {
  const found: string[] = [];
  for (const { file, params } of listings) {
    const loaded = await catalog.load(file, placeholdersFor(params)).catch(() => undefined);
    if (loaded?.spec.publish) found.push(loaded.spec.publish.dataset);
  }
  return found;
}

function refuseCircles(specs: readonly PipelineSpec[]): void {
  const circle = upstreamCircle(specs);
  if (!circle) return;
  throw new MillraceError(
    'PIPELINE_FILE_INVALID',
    `These pipelines would start each other for ever: ${[...circle, circle[0]].join(' → ')}.`,
    { where: 'triggers', mend: 'Take the upstream trigger out of one of them.' },
  );
}

function wantedOf(
  context: CommandContext,
  file: string,
  { spec }: LoadedPipeline,
  registry: Pick<ScheduleRegistry, 'termsOf'>,
): Wanted {
  const { name: pipeline, schedule, triggers, sources } = spec;
  return {
    registration: { pipeline, file, triggers, sources: Object.keys(sources), ...(schedule && { schedule }) },
    ...(schedule && {
      terms: registry.termsOf({ pipeline, environment: context.environmentName, schedule }),
    }),
  };
}

/**
 * Reads a file as its starts would. Whoever starts it by hand or by message gives parameters; a schedule and an upstream run give a date, and files and
 * objects give nothing.
 */
async function load(catalog: PipelineCatalog, { file, params }: PipelineListing): Promise<LoadedPipeline> {
  const { spec } = await catalog.load(file, placeholdersFor(params), SOME_DATE);
  const undated = spec.triggers.some((trigger) => 'file' in trigger || 'object' in trigger);
  const unattended = undated || spec.triggers.some((trigger) => 'upstream' in trigger);
  if (spec.schedule === undefined && !unattended) return catalog.load(file, placeholdersFor(params));
  try {
    return await catalog.load(file, {}, undated ? undefined : SOME_DATE);
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'PIPELINE_PARAMETER_INVALID') throw error;
    const isFilled = (name: string): boolean => !undated && name === 'date' && params[name]?.type === 'date';
    const missing = Object.keys(placeholdersFor(params)).filter((name) => !isFilled(name));
    // A default may be at fault as well: that is said in the error's own words.
    if (missing.length === 0) throw error;
    const starter = undated
      ? 'a file or object trigger'
      : spec.schedule === undefined
        ? 'an upstream trigger'
        : 'the schedule';
    throw new MillraceError(
      error.code,
      `${file}: ${starter} would start it without a parameter, as ${missing.join(', ')} has no default.`,
      {
        where: error.where ?? file,
        mend: `give ${missing.join(', ')} a default under params; only a parameter \`date\` of type date needs none, where nothing but schedules and upstream runs start the pipeline: they fill it`,
      },
    );
  }
}

function together(problems: readonly MillraceError[], files: number): MillraceError {
  const [first] = problems;
  const codes = new Set(problems.map(({ code }) => code));
  return new MillraceError(
    codes.size === 1 && first ? first.code : 'PIPELINE_FILE_INVALID',
    `Nothing was applied: ${problems.length} of ${files} pipeline files cannot be.\n${problems.map(({ message }) => message).join('\n')}`,
    {
      ...(first?.where !== undefined && { where: first.where }),
      mend: first?.mend ?? 'mend them; `millrace validate` checks them again',
      details: { problems: problems.map(({ code, message, where }) => ({ code, message, where })) },
    },
  );
}
