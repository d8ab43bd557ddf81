/** The `millrace` command: what can be typed, and the exit code that it leaves. */
import { Command, CommanderError, InvalidArgumentError, type CommandOptions } from 'commander';
import { DEFAULT_PARALLEL } from '../contracts/backfill';
import { isMillraceError } from '../contracts/errors';
import { STAGES } from '../contracts/runs';
import { apply } from './commands/apply';
import { getArtifact, logs } from './commands/artifacts';
import { backfill, cancelOne, listAll, showOne, type BackfillOptions } from './commands/backfill';
import {
  discardDeadLetter,
  listDeadLetters,
  replayDeadLetters,
  showDeadLetter,
} from './commands/dead-letters';
import { demo } from './commands/demo';
import { changeChampion, listModels, showModel } from './commands/models';
import { doctor, init, worker } from './commands/project';
import { pools } from './commands/pools';
import { decide, follow, retry, run, type RunOptions } from './commands/run';
import { report, runs, show } from './commands/runs';
import { next, pause, unpause } from './commands/schedules';
import { down, status, up } from './commands/stack';
import { cancel, hold, prioritise, resume } from './commands/steer';
import { validate } from './commands/validate';
import { CommandContext, type GlobalOptions } from './context';
import { serve } from './serve/service';
import { EXIT, EXIT_CODES_HELP, exitCodeOfError } from './exit-codes';
import { Output } from './output';

const program = new Command('millrace')
  .description('Durable machine-learning pipelines: from data to a measured, registered, deployed model.')
  .option('--json', 'one JSON document on standard output')
  .option('--env <name>', 'environment of millrace.yaml')
  .option('--project <folder>', 'the project; the nearest millrace.yaml upwards unless given')
  .addHelpText('after', EXIT_CODES_HELP)
  .showHelpAfterError('(see millrace --help)')
  .exitOverride();

/** A command whose action gets the context first. Global options may stand before or after the command's name. */
function command(parent: Command, words: string, description: string, options: CommandOptions = {}): Command {
  return parent
    .command(words, options)
    .description(description)
    .option('--json', 'one JSON document on standard output')
    .option('--env <name>', 'environment of millrace.yaml')
    .exitOverride();
}

// Commander hands over what it parsed without a type; each action says what it takes.
function withContext(
  action: (context: CommandContext, ...args: never[]) => Promise<number>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const invoked = given.at(-1) as Command;
    const context = await CommandContext.open(invoked.optsWithGlobals<GlobalOptions>());
    process.exitCode = await action(context, ...(given.slice(0, -1) as never[]));
  };
}

const collect = (value: string, before: readonly string[] = []): string[] => [...before, value];
function count(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new InvalidArgumentError('it must be a whole number above 0.');
}
const stages = STAGES.join(', ');

command(program, 'demo', 'start everything, run the example pipelines, show the result').action(
  withContext(demo),
);
command(program, 'init [directory]', 'a new project, or a pipeline file for your data')
  .option('--from <file>', 'data file to look at')
  .option('--label <column>', 'column to predict')
  .option('--key <column>', 'column that identifies a row; found unless given')
  .option('--name <name>', 'name of the pipeline')
  .action(async (directory: string | undefined, options: Parameters<typeof init>[2], invoked: Command) => {
    const { json, project } = invoked.optsWithGlobals<GlobalOptions>();
    process.exitCode = await init(new Output(json === true), directory ?? project ?? '.', options);
  });
command(program, 'up', 'start Temporal, MLflow, the workers and the triggers').action(withContext(up));
command(program, 'down', 'stop them, and the endpoints; data stays').action(withContext(down));
command(program, 'status', 'what runs, and where').action(withContext(status));
command(program, 'validate [pipeline]', 'check one pipeline file, or all')
  .option('--param <name=value>', 'parameter of the run; repeatable', collect)
  .option('--cluster', 'ask the cluster, too: a dry run of the Jobs that it would train in')
  .action(withContext(validate));
command(program, 'apply [folder]', 'put the schedules and triggers of the pipeline files in force')
  .option('--dry-run', 'show what would change, and change nothing')
  .option('--prune', 'remove what has no file any more')
  .action(withContext(apply));
command(program, 'pause <pipeline>', 'let neither its schedule nor its triggers start it')
  .requiredOption('--note <text>', 'why; shown by next and in Temporal')
  .option('--by <name>', 'who pauses it; you, unless given')
  .action(withContext(pause));
command(program, 'unpause <pipeline>', 'let it start by itself again').action(withContext(unpause));
command(program, 'next [pipeline]', 'the coming starts, and what triggers listen to')
  .option('--count <number>', 'so many starts', count, 10)
  .action(withContext(next));
command(program, 'run <pipeline>', 'run a pipeline, and watch it')
  .option('--param <name=value>', 'parameter of the run; repeatable', collect)
  .option('--date <date>', 'start of the interval that the run is for: 2026-11-20, or with a time and offset')
  .option('--no-cache', 'run every step again')
  .option('--from <stage>', `run this stage and all that follow again: ${stages}`)
  .option('--until <stage>', 'end after this stage')
  .option('--sample <rows>', 'use about so many rows', count)
  .option('--priority <number>', '1 is the most urgent, 5 the least; the file’s unless given')
  .option('--id <id>', 'workflow id; a repeat is refused')
  .option('--detach', 'start it, and do not watch')
  .action(withContext((context, pipeline: string, options: RunOptions) => run(context, pipeline, options)));
const backfills = command(
  program,
  'backfill <pipeline>',
  'run a pipeline for every interval of a range of dates',
)
  .option('--from <date>', 'first day, or moment, of the range')
  .option('--to <date>', 'last day, or moment; included')
  .option('--every <interval>', 'hour, day, week or month; the schedule’s unless given, else day')
  .option('--timezone <zone>', 'in which days begin; the schedule’s unless given, else UTC')
  .option('--mode <mode>', 'missing, failed or all', 'missing')
  .option('--parallel <runs>', 'so many runs at once', count, DEFAULT_PARALLEL)
  .option('--param <name=value>', 'parameter of the runs; repeatable', collect)
  .option('--promote', 'let the runs register and deploy')
  .option('--dry-run', 'list what would run and what is done, and start nothing')
  .option('--detach', 'start it, and do not watch')
  .action(
    withContext((context, pipeline: string, options: BackfillOptions) =>
      backfill(context, pipeline, options),
    ),
  );
command(backfills, 'list', 'backfills, newest first')
  .option('--limit <count>', 'at most so many', count, 20)
  .action(withContext(listAll));
command(backfills, 'show <backfill>', 'progress, and what failed').action(withContext(showOne));
command(backfills, 'cancel <backfill>', 'end it, and its open runs').action(withContext(cancelOne));
command(program, 'follow <run>', 'watch a run').action(withContext(follow));
command(program, 'runs', 'list runs, newest first')
  .option('--pipeline <name>', 'of this pipeline')
  .option('--outcome <outcome>', 'with this outcome')
  .option('--since <moment>', 'started since: 2h, 7d, 2026-11-21')
  .option('--limit <count>', 'at most so many', count, 20)
  .action(withContext(runs));
command(program, 'show <run>', 'stages, candidates, reasons, links of a run').action(withContext(show));
command(
  program,
  'logs <run> <candidate>',
  'the log of a candidate’s training, or with `features` of the function that makes the table',
)
  .option('--follow', 'go on until it ends')
  .option('--attempt <number>', 'of this attempt', count)
  .action(withContext(logs));
command(program, 'retry <run>', 'run a failed run again; what is done is not repeated')
  .option('--detach', 'start it, and do not watch')
  .action(withContext(retry));
command(program, 'cancel <run>', 'end a run, and its jobs')
  .option('--keep', 'leave jobs that run to finish; a retry finds them')
  .action(withContext(cancel));
command(program, 'hold <run>', 'pause a run at the end of the stage that runs; jobs go on')
  .option('--by <name>', 'who decides; you, unless given')
  .option('--why <text>', 'the reason')
  .action(withContext(hold));
command(program, 'resume <run>', 'let a run go on that is held').action(withContext(resume));
command(program, 'prioritise <run> <priority>', 'more or less urgent: 1 is the most, 5 the least').action(
  withContext(prioritise),
);
command(program, 'pools [pool]', 'who holds units of what is scarce, and who waits').action(
  withContext(pools),
);
for (const verdict of ['approve', 'reject'] as const) {
  command(program, `${verdict} <run>`, `${verdict} the version that a run waits with`)
    .option('--by <name>', 'who decides; you, unless given')
    .option('--why <text>', 'the reason')
    .action(
      withContext((context, id: string, options: { by?: string; why?: string }) =>
        decide(context, id, verdict, options),
      ),
    );
}
const models = command(program, 'models', 'registered models').action(withContext(listModels));
command(models, 'list', 'all of them').action(withContext(listModels));
command(models, 'show <model>', 'versions, aliases, metrics, lineage').action(withContext(showModel));
for (const what of ['promote', 'rollback'] as const) {
  command(models, `${what} <model> <version>`, 'put this version into production, after a smoke test')
    .option('--by <name>', 'who decides; you, unless given')
    .option('--why <text>', 'the reason')
    .action(
      withContext((context, model: string, version: string, options: { by?: string; why?: string }) =>
        changeChampion(context, model, version, what, options),
      ),
    );
}
const artifacts = program.command('artifacts').description('files of a run');
command(artifacts, 'get <run> <stage>', 'path of what a stage left; opens with pandas.read_parquet')
  .option('--candidate <name>', 'for train: of this candidate; the winner unless given')
  .option('--file <name>', 'another file of it')
  .action(withContext(getArtifact));
command(program, 'report <run>', 'path of a run’s report').action(withContext(report));
command(program, 'worker', 'serve task queues, in the foreground')
  .option(
    '--queue <name>',
    'one of pipelines, data, training, services; all unless given; repeatable',
    collect,
  )
  .option('--workflows <file>', 'your own workflows, bundled with Millrace’s')
  .action(withContext(worker));
command(program, 'serve', 'watch triggers and serve the HTTP API, in the foreground').action(
  withContext(serve),
);
const deadLetters = program
  .command('dead-letters')
  .description('what failed for good, and waits for a person');
// The options stand here and not one level above, where commander would take those of `replay` for them.
command(deadLetters, 'list', 'by state and cause, newest first', { isDefault: true })
  .option('--kind <kind>', 'what it was: file, object, kafka, upstream, http, schedule, run, …')
  .option('--code <code>', 'with this error code')
  .option('--pipeline <name>', 'of this pipeline')
  .option('--state <state>', 'open, replayed, discarded or all', 'open')
  .option('--limit <count>', 'at most so many', count, 50)
  .action(withContext(listDeadLetters));
command(deadLetters, 'show <id>', 'cause, input, and what became of it').action(withContext(showDeadLetter));
command(deadLetters, 'replay [id]', 'start its run, after the mend: of one, or of all with one cause')
  .option('--kind <kind>', 'all open ones of this kind')
  .option('--code <code>', 'all open ones with this error code')
  .option('--pipeline <name>', 'all open ones of this pipeline')
  .option('--by <name>', 'who decides; you, unless given')
  .action(
    withContext((context, id: string | undefined, options: Parameters<typeof replayDeadLetters>[2]) =>
      replayDeadLetters(context, id, options),
    ),
  );
command(deadLetters, 'discard <id>', 'close it without a run')
  .requiredOption('--why <text>', 'the reason')
  .option('--by <name>', 'who decides; you, unless given')
  .action(withContext(discardDeadLetter));
command(program, 'doctor', 'what this machine needs, and what is missing').action(withContext(doctor));

/** Runs the command line, and leaves the exit code. */
async function main(): Promise<void> {
  try {
    await program.parseAsync();
  } catch (error) {
    // What commander says itself it has said already.
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
      if (error.exitCode !== 0) tellInJson({ code: 'USAGE', message: error.message.replace(/^error: /, '') });
      return;
    }
    process.exitCode = exitCodeOfError(error);
    const described = isMillraceError(error)
      ? { code: error.code, message: error.message, where: error.where, mend: error.mend }
      : { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error) };
    tellInJson(described);
    process.stderr.write(
      `${isMillraceError(error) ? error.describe() : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
    );
  }
}

/** Standard output is one JSON document even when nothing came of the command. */
function tellInJson(error: object): void {
  if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify({ error }, null, 2)}\n`);
}

void main();
