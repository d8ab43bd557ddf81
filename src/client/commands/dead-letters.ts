/** `dead-letters`: what failed for good, and what becomes of it. */
import { openArtifactStore } from '../../adapters/artifact-store/open';
import { openLedger } from '../../adapters/ledger/open';
import { createRunStarter } from '../../adapters/temporal/run-starter';
import { isMillraceError, MillraceError } from '../../contracts/errors';
import { EVENT_KINDS, type Arrival } from '../../contracts/events';
import type { RequestedFile } from '../../contracts/training-request';
import type { ArtifactStore } from '../../ports/artifact-store';
import type { DeadLetter } from '../../ports/event-ledger';
import type { Ledger } from '../../ports/ledger';
import type { CommandContext } from '../context';
import { replayDeadLetter, requireLetter, requireOpen, type Replayed } from '../dead-letters/replay';
import { EXIT, exitCodeOfError } from '../exit-codes';
import { takeIn } from '../serve/triggers/kafka/take-in';
import { styleOf } from '../render/style';
import { table } from '../render/table';
import { printable, printableLine } from '../render/untrusted';
import { userName } from '../user-name';

/** What letters are chosen by. */
export interface LetterFilter {
  readonly kind?: string | undefined;
  readonly code?: string | undefined;
  readonly pipeline?: string | undefined;
}

const KINDS = [...EVENT_KINDS, 'run'] as const;
const STATES = ['open', 'replayed', 'discarded'] as const;
/** Columns of a list that the place of a letter may take. */
const LONGEST_SOURCE = 60;
/** Letters that one `replay` of many takes; the rest is taken by the next. */
const AT_A_TIME = 1000;

/** `millrace dead-letters`. */
export async function listDeadLetters(
  context: CommandContext,
  { state, limit, ...filter }: LetterFilter & { readonly state: string; readonly limit: number },
): Promise<number> {
  const chosen = state === 'all' ? undefined : oneOf(STATES, '--state', state);
  const letters = await withLedger(context, (ledger) =>
    ledger.listDeadLetters({ ...known(filter), ...(chosen && { state: chosen }), limit }),
  );
  context.output.result(
    letters,
    letters.length === 0
      ? [`No dead letters${chosen ? ` that are ${chosen}` : ''}.`]
      : table(
          ['id', 'since', 'kind', 'pipeline', 'source', 'state', 'code', 'message'],
          letters.map((letter) => [
            letter.id,
            moment(letter.occurredAt),
            letter.kind,
            printableLine(letter.pipeline ?? ''),
            ending(printableLine(letter.where ?? '')),
            letter.state,
            letter.code,
            printableLine(letter.message).slice(0, 80),
          ]),
        ),
  );
  return EXIT.ok;
}

/** `millrace dead-letters show ID`. */
export async function showDeadLetter(context: CommandContext, id: string): Promise<number> {
  const letter = await withLedger(context, (ledger) => requireLetter(ledger, id));
  context.output.result(letter, letterLines(letter));
  return EXIT.ok;
}

/** `millrace dead-letters discard ID --why TEXT`. */
export async function discardDeadLetter(
  context: CommandContext,
  given: string,
  { why, by = userName() }: { readonly why: string; readonly by?: string },
): Promise<number> {
  return withLedger(context, async (ledger) => {
    const { id, openings } = await requireOpen(ledger, given);
    const settled = await ledger.settleDeadLetter(id, { state: 'discarded', by, why, openings });
    if (!settled) await requireOpen(ledger, id);
    context.output.result({ id, state: 'discarded', by, why }, [`Discarded ${id} as ${by}.`]);
    return EXIT.ok;
  });
}

/** `millrace dead-letters replay ID`, or with filters all open ones with that cause. */
export async function replayDeadLetters(
  context: CommandContext,
  id: string | undefined,
  { by = userName(), kind, code, pipeline }: LetterFilter & { readonly by?: string },
): Promise<number> {
  const filter = known({ kind, code, pipeline });
  if ((id === undefined) === (Object.keys(filter).length === 0))
    throw new MillraceError('USAGE', 'Name one dead letter, or what those to replay have in common.', {
      mend: 'write `replay ID`, or `replay --code CODE`, `--pipeline NAME`, `--kind KIND`',
    });
  return withLedger(context, (ledger) =>
    context.withClient(async (client) => {
      const dependencies = {
        ledger,
        client,
        starter: createRunStarter(client),
        takeFiles: fileTaker(context, ledger),
      };
      if (id !== undefined) {
        const replayed = await replayDeadLetter(dependencies, id, by);
        context.output.result(replayed, replayedLines(replayed));
        return EXIT.ok;
      }
      const chosen = { ...filter, state: 'open' as const, limit: AT_A_TIME };
      // In the order in which they came.
      const letters = (await ledger.listDeadLetters(chosen)).reverse();
      const replayed: Replayed[] = [];
      const failed: { id: string; code: string; message: string }[] = [];
      let worst: number = EXIT.ok;
      for (const letter of letters) {
        try {
          replayed.push(await replayDeadLetter(dependencies, letter.id, by));
        } catch (error) {
          // What is away for one is away for all.
          if (!isMillraceError(error) || error.retryable) throw error;
          worst = exitCodeOfError(error);
          failed.push({ id: letter.id, code: error.code, message: error.message });
        }
      }
      context.output.result({ replayed, failed }, [
        ...replayed.flatMap(replayedLines),
        ...failed.map((one) => `${one.id} stays: ${one.code}: ${printableLine(one.message)}`),
        `${String(replayed.length)} replayed, ${String(failed.length)} left.`,
      ]);
      return worst;
    }),
  );
}

/** Takes files as the triggers do, which know the pipeline's sources by its registration. */
function fileTaker(
  { project, environment }: CommandContext,
  ledger: Ledger,
): (pipeline: string, files: readonly RequestedFile[]) => Promise<Arrival[]> {
  let store: Promise<ArtifactStore> | undefined;
  return async (pipeline, files) => {
    const registration = (await ledger.listRegistrations()).find((one) => one.pipeline === pipeline);
    if (!registration)
      throw new MillraceError('EVENT_REFUSED', `No trigger of a pipeline ${pipeline} is in force.`, {
        where: pipeline,
        mend: 'put it in force with `millrace apply`, then replay this letter',
      });
    store ??= openArtifactStore({ projectRoot: project.root, environment });
    return takeIn({ store: await store, dataRoot: project.dataRoot }, registration, files);
  };
}

async function withLedger<Result>(
  { project, environment }: CommandContext,
  work: (ledger: Ledger) => Promise<Result>,
): Promise<Result> {
  const ledger = await openLedger({ projectRoot: project.root, environment });
  try {
    return await work(ledger);
  } finally {
    await ledger.close();
  }
}

function known({ kind, code, pipeline }: LetterFilter) {
  return {
    ...(kind !== undefined && { kind: oneOf(KINDS, '--kind', kind) }),
    ...(code !== undefined && { code }),
    ...(pipeline !== undefined && { pipeline }),
  };
}

function oneOf<Word extends string>(words: readonly Word[], option: string, text: string): Word {
  const word = words.find((one) => one === text);
  if (word !== undefined) return word;
  throw new MillraceError('USAGE', `${option} takes one of ${words.join(', ')}, not ${text}.`, {
    mend: 'choose one of them',
  });
}

function letterLines(letter: DeadLetter): string[] {
  const style = styleOf(process.stdout, process.env);
  const { state, settledAt, settledBy, settledWhy, workflowId } = letter;
  const settled =
    state === 'open'
      ? []
      : [
          `${state} ${moment(settledAt ?? '')} by ${printableLine(settledBy ?? '')}${settledWhy === undefined ? '' : `: ${printableLine(settledWhy)}`}`,
          ...(workflowId === undefined ? [] : [`run: ${workflowId}`]),
        ];
  const again = letter.openings > 1 ? `, for the ${String(letter.openings)}th time` : '';
  return [
    `${style.strong(letter.id)}  ${letter.kind}${letter.pipeline === undefined ? '' : `, ${printableLine(letter.pipeline)}`}, ${moment(letter.occurredAt)} UTC${again}`,
    `${letter.code}: ${printable(letter.message)}`,
    ...(letter.where === undefined ? [] : [`  at ${printableLine(letter.where)}`]),
    ...(letter.mend === undefined ? [] : [`  ${printable(letter.mend)}`]),
    ...settled,
    '',
    printable(letter.input),
    ...(state === 'open'
      ? [
          '',
          letter.replay || letter.kind === 'run'
            ? `after the mend: millrace dead-letters replay ${letter.id}`
            : 'only its sender can send it again',
          `to close it: millrace dead-letters discard ${letter.id} --why …`,
        ]
      : []),
  ];
}

function replayedLines({ id, workflowId, started }: Replayed): string[] {
  return [`${id}: run ${workflowId} ${started ? 'started' : 'was started already'}`];
}

/** What tells sources apart stands at their end: the file of a path, the offset of a topic. */
function ending(text: string): string {
  return text.length > LONGEST_SOURCE ? `…${text.slice(1 - LONGEST_SOURCE)}` : text;
}

function moment(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
