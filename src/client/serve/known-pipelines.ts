/** Refuses events for pipelines that are not there, without reading the project's files for each of a thousand events. */
import { isMillraceError, MillraceError } from '../../contracts/errors';
import type { PipelineCatalog } from '../../ports/pipeline-catalog';

/** How long an answer holds: a pipeline file that was just written is found soon enough. */
const HOLDS_MS = 1000;
/** Names come from outside. */
const MOST_NAMES = 1000;

/**
 * A check of a pipeline's name. A file that is merely broken passes: its run fails, where people look.
 * @throws EVENT_REFUSED where no pipeline file has the name.
 */
export function createPipelineCheck(catalog: Pick<PipelineCatalog, 'load'>): (name: string) => Promise<void> {
  const answers = new Map<string, { readonly at: number; readonly refusal: MillraceError | undefined }>();
  return async (name) => {
    let answer = answers.get(name);
    if (!answer || Date.now() - answer.at > HOLDS_MS) {
      if (answers.size >= MOST_NAMES) answers.clear();
      answer = { at: Date.now(), refusal: await refusalOf(catalog, name) };
      answers.set(name, answer);
    }
    if (answer.refusal) throw answer.refusal;
  };
}

async function refusalOf(
  catalog: Pick<PipelineCatalog, 'load'>,
  name: string,
): Promise<MillraceError | undefined> {
  try {
    await catalog.load(name);
  } catch (error) {
    if (!isMillraceError(error) || error.code !== 'PIPELINE_NOT_FOUND') return undefined;
    const { message, mend } = error;
    return new MillraceError('EVENT_REFUSED', message, { where: name, ...(mend !== undefined && { mend }) });
  }
  return undefined;
}
