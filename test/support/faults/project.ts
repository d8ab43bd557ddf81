/** A project in a temporary folder: a small data set, and pipelines whose trainers do as the test says. */
import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PipelineFile } from '../../../src/contracts/pipeline-file';
import { seededRandom } from '../seeded-random';

/** One start of a trainer. */
export interface TrainerStart {
  readonly candidate: string;
  readonly pid: number;
  /** The job directory. */
  readonly job: string;
}

/** A candidate whose trainer is `trainer.py`; `params` are described there. */
export interface ScriptedCandidate {
  readonly name: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly resources?: NonNullable<NonNullable<PipelineFile['candidates']>[number]['resources']>;
}

const ROWS = 400;

export class FaultProject {
  /** The project's root. */
  readonly root: string;
  /** What trainers and tests tell each other by; outside of every job. */
  readonly notes: string;
  readonly logs: string;

  private constructor(readonly folder: string) {
    this.root = join(folder, 'project');
    this.notes = join(folder, 'notes');
    this.logs = join(folder, 'logs');
  }

  static async create(): Promise<FaultProject> {
    const project = new FaultProject(await mkdtemp(join(tmpdir(), 'millrace-faults-')));
    for (const folder of [project.root, project.notes, project.logs, join(project.root, 'pipelines')])
      await mkdir(folder, { recursive: true });
    await writeFile(
      join(project.root, 'millrace.yaml'),
      'apiVersion: millrace/v1\nenvironments: { local: { pools: { gpu: 1 } } }\n',
    );
    await project.writeRows();
    return project;
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Writes the data file: `seed` decides the values, `note` a column that no model looks at. */
  async writeRows(seed = 1, rows = ROWS): Promise<void> {
    const random = seededRandom(seed);
    const lines = Array.from({ length: rows }, (_, index) => {
      const [signal, noise, luck] = [random(), random(), random()];
      return [index, signal, noise, signal + 0.3 * (luck - 0.5) > 0.5 ? 'yes' : 'no'].join(',');
    });
    await writeFile(join(this.root, 'rows.csv'), ['id,signal,noise,label', ...lines, ''].join('\n'));
  }

  /** Writes the pipeline `name` in a folder of its own, with `changes` over what all of them have. */
  async writePipeline(
    name: string,
    candidates: readonly ScriptedCandidate[],
    changes: Partial<PipelineFile> = {},
  ): Promise<void> {
    const folder = this.pipelineFolder(name);
    await mkdir(folder, { recursive: true });
    await copyFile(join(__dirname, 'trainer.py'), join(folder, 'trainer.py'));
    const file: PipelineFile = {
      apiVersion: 'millrace/v1',
      name,
      sources: { rows: { uri: 'rows.csv' } },
      dataset: { key: 'id', label: 'label', positive: 'yes' },
      candidates: candidates.map(({ name: candidate, params, resources }) => ({
        name: candidate,
        trainer: { command: ['python', 'trainer.py', this.notes] },
        ...(params && { params: { ...params } }),
        ...(resources && { resources }),
      })),
      training: { timeout: '5m', parallel: 10, retries: { attempts: 3, initial: '100ms', max: '100ms' } },
      evaluation: { bootstrap: 100, minComparableRows: 20 },
      deploy: { target: 'none' },
      ...changes,
    };
    // JSON is YAML.
    await writeFile(join(folder, 'pipeline.yaml'), JSON.stringify(file, null, 2));
  }

  pipelineFolder(name: string): string {
    return join(this.root, 'pipelines', name);
  }

  /** Every start of a trainer so far, of one candidate or of all. */
  starts(candidate?: string): TrainerStart[] {
    const files = readdirSync(this.notes).filter((name) =>
      candidate === undefined ? /^starts-.*\.jsonl$/.test(name) : name === `starts-${candidate}.jsonl`,
    );
    return files
      .flatMap((name) => readFileSync(join(this.notes, name), 'utf8').split('\n').slice(0, -1))
      .map((line) => JSON.parse(line) as TrainerStart);
  }

  /** Lets the trainers go on that hold. */
  async letGo(): Promise<void> {
    await writeFile(join(this.notes, 'go'), '');
  }

  /** Puts a cause of failure there: for a candidate with the parameter `mendable`, or as `model` for those with `fragile`. */
  async breakPart(name: string): Promise<void> {
    await writeFile(join(this.notes, `broken-${name}`), '');
  }

  async mendPart(name: string): Promise<void> {
    await rm(join(this.notes, `broken-${name}`));
  }

  /** Forgets starts, `go` and broken candidates: for the next test of a file. */
  async clearNotes(): Promise<void> {
    await rm(this.notes, { recursive: true, force: true });
    await mkdir(this.notes);
  }
}
