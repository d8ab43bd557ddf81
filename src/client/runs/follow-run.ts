/** Watching runs until they end: drawn over itself on a terminal, lines of what changed anywhere else. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { isMillraceError } from '../../contracts/errors';
import type { Output } from '../output';
import { changeLines } from '../render/changes';
import { runLines, type RunPicture } from '../render/run';
import { fit, styleOf } from '../render/style';
import { readRun, type RunView } from './read-run';
import type { StartedRun } from './start-run';

const LOOK_MS = { live: 250, plain: 500 };

/** Thrown when a person detaches with Ctrl-C: the run goes on. */
export class Detached extends Error {
  override readonly name = 'Detached';
}

/** Follows runs side by side until all have ended. An outage of Temporal or of the workers is waited out. @throws Detached, RUN_NOT_FOUND. */
export async function followRuns(
  client: Client,
  runs: readonly StartedRun[],
  output: Output,
): Promise<RunView[]> {
  const stop = new AbortController();
  const detach = (): void => stop.abort(new Detached('detached'));
  process.once('SIGINT', detach);
  const screen = new Screen(output, runs.length > 1);
  try {
    for (;;) {
      const views = await Promise.all(runs.map((run) => lookAt(client, run, screen)));
      screen.show(views);
      const ended = views.filter((view) => view !== undefined && view.execution !== 'RUNNING');
      if (ended.length === runs.length) return ended as RunView[];
      await pause(output.live ? LOOK_MS.live : LOOK_MS.plain, undefined, { signal: stop.signal });
    }
  } catch (error) {
    if (stop.signal.aborted) throw stop.signal.reason;
    throw error;
  } finally {
    process.off('SIGINT', detach);
  }
}

async function lookAt(client: Client, run: StartedRun, screen: Screen): Promise<RunView | undefined> {
  try {
    return await readRun(client, run.workflowId, run.runId);
  } catch (error) {
    if (!isMillraceError(error) || error.code === 'RUN_NOT_FOUND') throw error;
    screen.wait(error.message);
    return undefined;
  }
}

/** Standard output, drawn on. */
class Screen {
  private drawn = 0;
  private waitingFor = '';
  private readonly before = new Map<string, RunPicture>();

  constructor(
    private readonly output: Output,
    private readonly several: boolean,
  ) {}

  /** Says once what is waited for. */
  wait(reason: string): void {
    if (this.waitingFor === reason) return;
    this.waitingFor = reason;
    this.drawn = 0;
    this.output.note(`waiting: ${reason}`);
  }

  show(views: readonly (RunView | undefined)[]): void {
    const shown = views.filter((view) => view !== undefined);
    if (this.output.json) return;
    if (this.output.live) this.draw(shown);
    else for (const view of shown) this.tell(view);
  }

  private draw(views: readonly RunView[]): void {
    const style = styleOf(process.stdout, process.env);
    const columns = process.stdout.columns;
    const lines = views.flatMap((view) => [
      ...(this.several ? [style.strong(view.status.pipeline)] : []),
      ...runLines(view, new Date(), style),
    ]);
    const up = this.drawn > 0 ? `\u001b[${this.drawn}A` : '';
    process.stdout.write(
      up + lines.map((line) => `\u001b[2K${fit(line, columns - 1)}\n`).join('') + '\u001b[0J',
    );
    this.drawn = lines.length;
  }

  private tell(view: RunView): void {
    const { workflowId, pipeline } = view.status;
    for (const line of changeLines(this.before.get(workflowId), view, new Date()))
      this.output.say(this.several ? `${pipeline}  ${line}` : line);
    this.before.set(workflowId, structuredClone({ status: view.status, progress: view.progress }));
  }
}
