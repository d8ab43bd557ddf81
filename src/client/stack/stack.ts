/** The embedded stack of one project: Temporal, MLflow, the worker fleet and the trigger service as detached processes, recorded in `.millrace/stack.json`. */
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { withAdvisoryLock } from '../../adapters/local-disk/advisory-lock';
import { replaceFile } from '../../adapters/local-disk/durable-files';
import type { Installation } from '../../adapters/project/installation';
import {
  readStackRecord,
  STATE_FOLDER,
  stackRecordPath,
  type StackRecord,
} from '../../adapters/project/stack-record';
import type { EndpointHost } from '../../ports/endpoint-host';
import type { Environment } from '../../contracts/project-file';
import { askHealth } from './health';
import { mlflowPlan } from './mlflow-server';
import { nodeProgramPlan, startedWithOf } from './node-program';
import { startPart, stopPart, untilHealthy, type PartPlan, type RunningPart } from './part';
import { externalMlflow, externalTemporal, livingParts, STACK_PARTS, type StackPart } from './parts';
import { choosePorts, type StackPorts } from './ports';
import { findTemporalCli, keepRunsForAMonth, temporalDatabase, temporalPlan } from './temporal-server';
import { stackMarker, stopUnrecorded } from './unrecorded';
import { logWritesAhead } from './write-ahead';

/**
 * A port that is free when it is chosen is taken only when its server has come up, seconds later: projects of one user start one after the other,
 * or the second would take the first one's server for its own.
 */
const PORTS_LOCK = join(tmpdir(), `millrace-ports-${userInfo().uid}.lock`);

/** For whom a stack is started, and with what. */
export interface StackOptions {
  readonly installation: Installation;
  readonly projectRoot: string;
  readonly environmentName: string;
  readonly environment: Environment;
  /** Told of each part as it gets ready: a line of progress. */
  readonly onReady?: (part: StackPart, where: string, seconds: number) => void;
  /** Told of what a part that answers lacks until somebody acts, each with its mend. */
  readonly onTroubles?: (part: StackPart, troubles: readonly string[]) => void;
}

/**
 * Starts what does not run yet, in parallel, and waits until all of it answers, be it with what it lacks. What an environment names elsewhere is neither started nor
 * stopped. Two calls at once make one stack. @throws SETUP_FAILED with the end of a log; what did start stays, and the next call goes on from there.
 */
export async function startStack(options: StackOptions): Promise<StackRecord> {
  return alone(options.projectRoot, () => withAdvisoryLock(PORTS_LOCK, () => new StackStart(options).run()));
}

/** Stops what `startStack` started, and the endpoints of this host. What is needed to start it again stays. @returns what was stopped. */
export async function stopStack(projectRoot: string, endpoints: EndpointHost): Promise<StackPart[]> {
  return alone(projectRoot, async () => {
    const record = await livingParts(await readStackRecord(projectRoot));
    const unrecorded = await stopUnrecorded(projectRoot, record);
    const { serve, worker, mlflow, temporal } = record;
    // First what starts runs, then the worker: it would start the endpoints again, and miss the others.
    if (serve) await stopPart(serve);
    if (worker) await stopPart(worker);
    await endpoints.stopAll();
    await Promise.all([mlflow && stopPart(mlflow), temporal && stopPart(temporal)]);
    await rm(stackRecordPath(projectRoot), { force: true });
    return STACK_PARTS.filter((part) => record[part] !== undefined || unrecorded.includes(part));
  });
}

async function alone<Result>(projectRoot: string, work: () => Promise<Result>): Promise<Result> {
  const folder = join(projectRoot, STATE_FOLDER);
  await mkdir(folder, { recursive: true });
  return withAdvisoryLock(join(folder, 'stack.lock'), work);
}

/** One start, from the record that was found to the record that is left. */
class StackStart {
  private record: StackRecord = { version: 1 };
  private writing: Promise<void> = Promise.resolve();
  private readonly startedAt = Date.now();

  constructor(private readonly options: StackOptions) {}

  async run(): Promise<StackRecord> {
    const { projectRoot } = this.options;
    await mkdir(join(projectRoot, STATE_FOLDER, 'mlflow'), { recursive: true });
    this.record = await livingParts(await readStackRecord(projectRoot));
    await stopUnrecorded(projectRoot, this.record);
    const ports = await choosePorts(projectRoot, portsOf(this.record));
    const mlflowKnown = this.startMlflow(ports);
    const outcomes = await Promise.allSettled([
      mlflowKnown.then((wait) => wait()),
      this.startTemporal(ports).then(async (temporal) => {
        await mlflowKnown;
        const mlflow = externalMlflow(this.options.environment) ?? this.record.mlflow?.uri ?? '';
        const { workerProgram, commandProgram } = this.options.installation;
        await Promise.all([
          this.startProgram('worker', 'worker fleet', ports, [workerProgram], [temporal, mlflow]),
          this.startProgram('serve', 'trigger service', ports, [commandProgram, 'serve'], [temporal]),
        ]);
      }),
    ]);
    await this.writing;
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
    return this.record;
  }

  private async startTemporal(ports: StackPorts): Promise<string> {
    const { installation, projectRoot, environment } = this.options;
    const external = externalTemporal(environment);
    if (external !== undefined) return external;
    const cli = await findTemporalCli(installation);
    const port = ports.temporal;
    const address = `127.0.0.1:${port}`;
    const plan = temporalPlan({
      cli,
      projectRoot,
      port,
      uiPort: ports.temporalUi,
      log: this.logOf('temporal'),
      environment: this.environmentOf('temporal'),
    });
    const known = this.record.temporal;
    const temporal = { address, uiUrl: `http://127.0.0.1:${ports.temporalUi}` };
    await this.ensure(plan, known, async (part) => this.note({ temporal: { ...part, ...temporal } }));
    if (!known) {
      await logWritesAhead(temporalDatabase(projectRoot));
      await keepRunsForAMonth(cli, address);
    }
    this.ready('temporal', temporal.uiUrl);
    return address;
  }

  /** Resolves when its address is known, with what waits for its answer: the worker need not. */
  private async startMlflow(ports: StackPorts): Promise<() => Promise<void>> {
    const { installation, projectRoot, environment } = this.options;
    if (externalMlflow(environment) !== undefined) return () => Promise.resolve();
    const uri = `http://127.0.0.1:${ports.mlflow}`;
    const plan = await mlflowPlan({
      installation,
      projectRoot,
      port: ports.mlflow,
      log: this.logOf('mlflow'),
      environment: this.environmentOf('mlflow', /^MLFLOW_/),
    });
    const part = this.record.mlflow ?? (await startPart(plan));
    await this.note({ mlflow: { ...part, uri } });
    return async () => {
      await untilHealthy(plan, part);
      this.ready('mlflow', uri);
    };
  }

  /** Starts a part that is Millrace's own, and anew where the code, the environment's section of millrace.yaml or one of the `addresses` has changed. */
  private async startProgram(
    part: 'worker' | 'serve',
    title: string,
    ports: StackPorts,
    command: readonly [program: string, ...words: string[]],
    addresses: readonly string[],
  ): Promise<void> {
    const { installation, projectRoot, environmentName, environment } = this.options;
    const startedWith = await startedWithOf(installation, environment, [environmentName, ...addresses]);
    const healthUrl = `http://127.0.0.1:${ports[part]}/health`;
    const plan = await nodeProgramPlan({
      title,
      installation,
      command,
      projectRoot,
      environmentName,
      port: ports[part],
      log: this.logOf(part),
      environment: this.environmentOf(part),
    });
    const known = this.record[part];
    if (known && known.startedWith !== startedWith) await stopPart(known);
    await this.ensure(plan, known?.startedWith === startedWith ? known : undefined, async (running) =>
      this.note({ [part]: { ...running, healthUrl, startedWith } }),
    );
    this.ready(part, healthUrl);
    const { troubles } = await askHealth(healthUrl);
    if (troubles.length > 0) this.options.onTroubles?.(part, troubles);
  }

  /** Starts the part unless it runs, writes down that it does before it answers, so that nothing is ever lost, and waits until it answers. */
  private async ensure(
    plan: PartPlan,
    known: RunningPart | undefined,
    noted: (part: RunningPart) => Promise<void>,
  ): Promise<void> {
    const part = known ?? (await startPart(plan));
    await noted(part);
    await untilHealthy(plan, part);
  }

  private note(change: Partial<StackRecord>): Promise<void> {
    this.record = { ...this.record, ...change };
    const text = `${JSON.stringify(this.record, null, 2)}\n`;
    this.writing = this.writing.then(() => replaceFile(stackRecordPath(this.options.projectRoot), text));
    return this.writing;
  }

  private ready(part: StackPart, where: string): void {
    this.options.onReady?.(part, where, (Date.now() - this.startedAt) / 1000);
  }

  private logOf(part: StackPart): string {
    return join(this.options.projectRoot, STATE_FOLDER, 'logs', `${part}.log`);
  }

  /** The caller's environment, less what would slow Python's start down, and less what `without` matches; and the part's marker. */
  private environmentOf(part: StackPart, without?: RegExp): Record<string, string> {
    const { projectRoot, installation } = this.options;
    const kept = Object.entries(process.env).flatMap(([name, value]) =>
      value === undefined || name === 'PYTHONDONTWRITEBYTECODE' || without?.test(name) ? [] : [[name, value]],
    );
    return {
      ...(Object.fromEntries(kept) as Record<string, string>),
      PATH: [process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin', installation.pythonPrograms].join(delimiter),
      ...stackMarker(projectRoot, part),
    };
  }
}

function portsOf(record: StackRecord): Partial<StackPorts> {
  const port = (url: string): number => Number(new URL(url).port);
  return {
    ...(record.temporal && {
      temporal: port(`http://${record.temporal.address}`),
      temporalUi: port(record.temporal.uiUrl),
    }),
    ...(record.mlflow && { mlflow: port(record.mlflow.uri) }),
    ...(record.worker && { worker: port(record.worker.healthUrl) }),
    ...(record.serve && { serve: port(record.serve.healthUrl) }),
  };
}
