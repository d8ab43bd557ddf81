/**
 * `npm run bench [-- SCENARIO …] [--json] [--megabytes 1000] [--repetitions 15]`: ratios, measured side by side in one run.
 * Exit code 1 when a limit is missed, 2 when something could not be measured.
 */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { quietTemporal } from '../test/support/temporal';
import { backfill } from './backfill';
import { cachedRun } from './cached-run';
import { fileEvents } from './file-events';
import { httpEvents } from './http-events';
import { kafkaEvents } from './kafka-events';
import { kubernetesJobs } from './kubernetes-jobs';
import { manyPipelines } from './many-pipelines';
import { orchestration } from './orchestration';
import { poolLeases } from './pool-leases';
import { keepsLimit, type BenchOptions, type Figure, type Scenario } from './scenario';
import { figureLines } from './support/render-figures';
import { validation } from './validation';
import { waitingRuns } from './waiting-runs';

const SCENARIOS: readonly Scenario[] = [
  orchestration,
  manyPipelines,
  validation,
  cachedRun,
  backfill,
  waitingRuns,
  fileEvents,
  httpEvents,
  kafkaEvents,
  poolLeases,
  kubernetesJobs,
];

/** What one scenario came to. */
interface Outcome {
  readonly scenario: string;
  readonly figures: readonly (Figure & { readonly ok?: boolean })[];
  readonly error?: string;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean', default: false },
      megabytes: { type: 'string', default: '1000' },
      repetitions: { type: 'string', default: '15' },
    },
  });
  const options: BenchOptions = {
    megabytes: wholeNumber('--megabytes', values.megabytes),
    repetitions: wholeNumber('--repetitions', values.repetitions),
    say: (text) => process.stderr.write(`  … ${text}\n`),
  };
  const chosen = positionals.length === 0 ? SCENARIOS : positionals.map(scenarioNamed);
  quietTemporal();
  if (!values.json) process.stdout.write(`${machineLine()}\n`);
  const outcomes: Outcome[] = [];
  for (const scenario of chosen) {
    if (!values.json) process.stdout.write(`\n${scenario.name}: ${scenario.question}\n`);
    const outcome = await measure(scenario, options);
    outcomes.push(outcome);
    if (values.json) continue;
    for (const line of figureLines(outcome.figures)) process.stdout.write(`${line}\n`);
    if (outcome.error !== undefined) process.stdout.write(`  not measured: ${outcome.error}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(outcomes, null, 2)}\n`);
  if (outcomes.some(({ error }) => error !== undefined)) return 2;
  return outcomes.some(({ figures }) => figures.some(({ ok }) => ok === false)) ? 1 : 0;
}

/** What else the machine does weighs on every figure but the ratios. */
function machineLine(): string {
  const [minute = 0] = loadavg();
  return `${availableParallelism()} cores, ${minute.toFixed(1)} processes busy on them in the last minute before`;
}

/** One that cannot be measured does not keep the others from being measured. */
async function measure(scenario: Scenario, options: BenchOptions): Promise<Outcome> {
  try {
    const figures = (await scenario.run(options)).map((figure) => {
      const ok = keepsLimit(figure);
      return ok === undefined ? figure : { ...figure, ok };
    });
    return { scenario: scenario.name, figures };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { scenario: scenario.name, figures: [], error: text };
  }
}

function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found) return found;
  throw new Error(
    `there is no scenario ${name}; name some of ${SCENARIOS.map((one) => one.name).join(', ')}`,
  );
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  throw new Error(`${option} takes a whole number above 0, not ${text}`);
}

main().then(
  (code) => (process.exitCode = code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 2;
  },
);
