/** A project in a temporary folder with the whole embedded stack of its own, driven through the `millrace` command as a person would. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { readStackRecord } from '../../src/adapters/project/stack-record';
import { runStatusSchema, type RunStatus } from '../../src/contracts/runs';
import { generateCsv } from './generate-csv';

const run = promisify(execFile);
const PROGRAM = join(__dirname, '..', '..', 'bin', 'millrace.mjs');

/** Pipelines of the project: the same but for the size of their data, in 10⁶ bytes. */
export const PIPELINES = { small: 1, large: 20 } as const;
export type PipelineSize = keyof typeof PIPELINES;

/** A running project. */
export interface CachedProject {
  /** To its own Temporal server. */
  readonly client: Client;
  /** `millrace run`, to the end. @throws Error when the run does not end well. */
  run(size: PipelineSize): Promise<RunStatus>;
}

/** Makes the project, starts its stack, and removes both after `work`, whatever it does. */
export async function withCachedProject<Result>(
  say: (text: string) => void,
  work: (project: CachedProject) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  try {
    await writeProject(folder);
    await millrace(folder, 'up');
    say('Temporal, MLflow and the workers are up');
    const { temporal } = await readStackRecord(folder);
    if (!temporal) throw new Error('the project has no Temporal server of its own');
    const connection = await Connection.connect({ address: temporal.address });
    try {
      return await work({
        client: new Client({ connection }),
        run: async (size) => runStatusSchema.parse(JSON.parse(await millrace(folder, 'run', size))),
      });
    } finally {
      await connection.close();
    }
  } finally {
    await millrace(folder, 'down').catch((error: unknown) => say(String(error)));
    await rm(folder, { recursive: true, force: true });
  }
}

async function writeProject(folder: string): Promise<void> {
  await mkdir(join(folder, 'pipelines'));
  await writeFile(
    join(folder, 'millrace.yaml'),
    'apiVersion: millrace/v1\npipelines: pipelines\ndefault: local\nenvironments:\n  local: {}\n',
  );
  for (const [name, megabytes] of Object.entries(PIPELINES)) {
    await generateCsv(join(folder, `${name}.csv`), megabytes);
    await writeFile(
      join(folder, 'pipelines', `${name}.yaml`),
      `${JSON.stringify(pipelineNamed(name), null, 2)}\n`,
    );
  }
}

/** JSON is YAML. The label is chance, so the gate asks for little; the many regions make the gate's evidence as large as it gets. */
function pipelineNamed(name: string): object {
  return {
    apiVersion: 'millrace/v1',
    name,
    sources: { rows: { uri: `${name}.csv` } },
    dataset: { from: 'rows', key: 'id', label: 'label', positive: 'yes' },
    quality: { rows: { min: 1000 }, columns: { id: { unique: true } } },
    features: { select: ['tenure', 'visits', 'monthly_charges', 'total_charges', 'usage', 'contract'] },
    candidates: [
      {
        name: 'logistic',
        trainer: 'sklearn/logistic-regression',
        matrix: { C: [0.01, 0.1, 1, 10] },
      },
      { name: 'boosted', trainer: 'lightgbm', params: { n_estimators: 20 } },
    ],
    training: { parallel: 2 },
    evaluation: {
      bootstrap: 100,
      slices: ['contract', 'region'],
      gate: [
        { metric: 'roc_auc', min: 0.1 },
        { metric: 'recall', slice: 'region', min: 0 },
      ],
    },
    registry: { model: name },
    deploy: { target: 'local' },
  };
}

/** Standard output of the command, in JSON. What this machine uses otherwise (`TEMPORAL_*`, `MLFLOW_*`) is kept away from it. */
async function millrace(folder: string, ...words: readonly string[]): Promise<string> {
  const environment = Object.entries(process.env).filter(
    ([name]) => !/^(TEMPORAL|MLFLOW|MILLRACE)_/.test(name) && name !== 'PYTHONDONTWRITEBYTECODE',
  );
  const { stdout } = await run(process.execPath, [PROGRAM, '--project', folder, '--json', ...words], {
    cwd: folder,
    env: Object.fromEntries(environment),
    maxBuffer: 16 * 2 ** 20,
  });
  return stdout;
}
