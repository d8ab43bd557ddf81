/**
 * The proof that every message is one run: messages flow while the consumers, the worker and the broker are killed by a seeded plan; then what is in Kafka is
 * held against the ledger of claims and Temporal's list of runs.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { createSqliteLedger } from '../../../src/adapters/ledger/sqlite';
import { claimKeyFor } from '../../../src/activities/triggers/start-for-event';
import { eventRunIdFor } from '../../../src/contracts/ids';
import { REQUESTS_TOPIC } from '../../../src/contracts/pipeline-file';
import type { Ledger } from '../../../src/ports/ledger';
import { startTypeScript, type TypeScriptChild } from '../child-process';
import { until } from '../faults/until';
import { startKafka, type KafkaBroker } from '../kafka';
import { seededRandom } from '../seeded-random';
import { bundleWorkflows, startDevServer, type DevServer } from '../temporal';
import { QUICK, type KafkaServicePlace } from './service';
import { Topics } from './topics';

const PIPELINE = 'churn';
const GROUP = 'millrace';
const PARTITIONS = 6;
const BATCH = 50;
const LIMIT_MS = 600_000;
/** Both consumers, the worker and the broker are victims. */
const VICTIMS = ['first', 'worker', 'broker', 'second'] as const;
type Victim = (typeof VICTIMS)[number];

/** What Kafka, the ledger and Temporal say of each other. */
export interface Reconciliation {
  readonly messages: number;
  /** Messages without a run. */
  readonly lost: number;
  /** Runs beyond the first of a message, by workflow id and by execution. */
  readonly doubled: number;
  /** Runs that belong to no message. */
  readonly strange: number;
}

/** One line that a run's first stage left. */
interface Stage {
  readonly workflowId: string;
  readonly runId: string;
  readonly sentAt: number;
  readonly at: number;
}

/** Everything that the proof needs, started and ended together. */
export class KafkaProof {
  readonly kills: Victim[] = [];
  private readonly undo: (() => Promise<unknown>)[] = [];
  private readonly children = new Map<Victim, TypeScriptChild>();
  private broken: string | undefined;
  private folder = '';
  private broker!: KafkaBroker;
  private temporal: DevServer | undefined;
  private connection: Connection | undefined;
  private client!: Client;
  private topics!: Topics;
  private ledger!: Ledger;

  private constructor(private readonly say: (text: string) => void) {}

  /** Starts everything, and ends what has been started when something cannot be. */
  static async start(say: (text: string) => void = () => undefined): Promise<KafkaProof> {
    const proof = new KafkaProof(say);
    try {
      await proof.startAll();
      return proof;
    } catch (error) {
      await proof.stop();
      throw error;
    }
  }

  /** Ends all processes and removes the folder. */
  async stop(): Promise<void> {
    for (const victim of VICTIMS) await this.kill(victim);
    for (const step of this.undo.reverse()) await step();
    this.undo.length = 0;
  }

  /**
   * Sends `messages` and kills `kills` times meanwhile, at moments and victims that `seed` decides: each falls when so many runs have begun. Resolves once
   * all is committed and every run has begun its first stage.
   */
  async flow({ messages, kills, seed }: { messages: number; kills: number; seed: number }): Promise<void> {
    const random = seededRandom(seed);
    const moments = Array.from({ length: kills }, () => Math.floor(random() * messages * 0.9)).sort(
      (a, b) => a - b,
    );
    // In a shuffled order each victim comes, and none much more often than the others.
    const victims = moments.map((_, index) => ({
      victim: VICTIMS[index % VICTIMS.length] ?? 'worker',
      at: random(),
    }));
    const plan = victims.sort((a, b) => a.at - b.at).map(({ victim }) => victim);
    const sending = this.sendAll(messages, random);
    for (const [index, moment] of moments.entries()) {
      await until(`${moment} runs have begun`, () => Promise.resolve(this.begun() >= moment), LIMIT_MS);
      const victim = plan[index] ?? 'worker';
      this.kills.push(victim);
      this.say(`${this.begun()} of ${messages} runs have begun: ${victim} is killed`);
      await this.kill(victim);
      await this.launch(victim);
    }
    await sending;
    await this.settled();
  }

  /** Milliseconds from sending to first stage, one message at a time. */
  async latencies(count: number): Promise<number[]> {
    const found: number[] = [];
    for (let index = 0; index < count; index++) {
      const before = this.begun();
      await this.topics.send([this.message(index)]);
      await until('its run has begun', () => Promise.resolve(this.begun() > before), LIMIT_MS);
      const stage = this.stages().at(-1);
      if (stage) found.push(stage.at - stage.sentAt);
    }
    return found;
  }

  /** Puts the group back to the start, and lets it read everything again. */
  async rewind(): Promise<void> {
    for (const victim of ['first', 'second'] as const) await this.end(victim);
    await this.topics.rewind(GROUP, REQUESTS_TOPIC);
    for (const victim of ['first', 'second'] as const) await this.launch(victim);
    await this.settled();
  }

  /** From here on Temporal has never heard of any run, as after its retention: a server with nothing in it takes the place of the first. */
  async forgetHistories(): Promise<void> {
    for (const victim of ['first', 'second', 'worker'] as const) await this.kill(victim);
    await this.connection?.close();
    await this.temporal?.stop();
    await this.startTemporal();
    await this.launch('worker');
  }

  /** Holds every offset in Kafka against its claim in the ledger and its executions in Temporal. */
  async reconcile(): Promise<Reconciliation> {
    const runs = new Map<string, Set<string>>();
    for await (const { workflowId, runId } of this.client.workflow.list())
      runs.set(workflowId, (runs.get(workflowId) ?? new Set()).add(runId));
    const cluster = await this.topics.cluster();
    let [messages, lost, doubled, expected] = [0, 0, 0, 0];
    for (const [partition, end] of (await this.topics.ends(REQUESTS_TOPIC)).entries())
      for (let offset = 0n; offset < end; offset++) {
        const eventKey = `offset:${cluster}/${REQUESTS_TOPIC}/${partition}/${offset}`;
        const claim = await this.ledger.findEvent(
          claimKeyFor({ pipeline: PIPELINE, kind: 'kafka', eventKey }),
        );
        const workflowId = eventRunIdFor(PIPELINE, 'kafka', eventKey);
        const executions = runs.get(workflowId);
        messages += 1;
        if (!executions || claim?.runId === undefined || !executions.has(claim.runId)) lost += 1;
        if (executions) expected += 1;
        doubled += (executions?.size ?? 1) - 1;
      }
    return { messages, lost, doubled, strange: runs.size - expected };
  }

  /** How many runs Temporal knows. */
  async runs(): Promise<number> {
    let count = 0;
    for await (const run of this.client.workflow.list()) count += run.workflowId === '' ? 0 : 1;
    return count;
  }

  private async startAll(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-kafka-proof-'));
    this.folder = folder;
    this.undo.push(() => rm(folder, { recursive: true, force: true }));
    await mkdir(join(folder, 'data'));
    writeFileSync(join(folder, 'stages'), '');
    this.broker = await startKafka();
    this.undo.push(() => this.broker.stop());
    this.undo.push(
      () => this.temporal?.stop() ?? Promise.resolve(),
      () => this.connection?.close() ?? Promise.resolve(),
    );
    await this.startTemporal();
    this.topics = new Topics(this.broker.address);
    this.undo.push(() => this.topics.close());
    await this.topics.create(REQUESTS_TOPIC, PARTITIONS);
    this.ledger = await createSqliteLedger(join(folder, 'ledger.sqlite'));
    this.undo.push(() => this.ledger.close());
    await this.ledger.putRegistration({
      pipeline: PIPELINE,
      file: 'pipelines/churn.yaml',
      triggers: [
        { kafka: { topic: REQUESTS_TOPIC, where: { model: 'telco-churn', value: { below: 0.8 } } } },
      ],
      sources: ['rows'],
      appliedAt: new Date().toISOString(),
    });
    const { code } = await bundleWorkflows(join(__dirname, 'workflows.ts'));
    await writeFile(join(folder, 'workflows.js'), code);
    for (const victim of ['worker', 'first', 'second'] as const) await this.launch(victim);
  }

  private async startTemporal(): Promise<void> {
    this.temporal = await startDevServer();
    this.connection = await Connection.connect({ address: this.temporal.address });
    this.client = new Client({ connection: this.connection });
  }

  private async launch(victim: Victim): Promise<void> {
    if (victim === 'broker') return this.broker.restart();
    const place: KafkaServicePlace = {
      folder: this.folder,
      temporal: this.temporal?.address ?? '',
      kafka: { brokers: [this.broker.address], group: GROUP },
      tuning: QUICK,
    };
    const child =
      victim === 'worker'
        ? startTypeScript(join(__dirname, 'worker-process.ts'), [
            this.temporal?.address ?? '',
            join(this.folder, 'workflows.js'),
            join(this.folder, 'stages'),
          ])
        : startTypeScript(join(__dirname, 'consumer-process.ts'), [JSON.stringify(place)]);
    this.children.set(victim, child);
    // One that ends by itself would let everybody wait for it.
    void child.ended.then(({ code, errors }) => {
      if (this.children.get(victim) === child) this.broken = `${victim} ended by itself (${code}): ${errors}`;
    });
  }

  private async kill(victim: Victim): Promise<void> {
    if (victim === 'broker') return this.children.size > 0 ? this.broker.kill() : undefined;
    await this.end(victim, 'SIGKILL');
  }

  private async end(victim: Victim, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.children.get(victim);
    if (!child) return;
    this.children.delete(victim);
    child.process.kill(signal);
    const { code, errors } = await child.ended;
    if (signal === 'SIGTERM' && code !== 0) throw new Error(`${victim} ended with ${errors}`);
  }

  private async sendAll(messages: number, random: () => number): Promise<void> {
    for (let sent = 0; sent < messages; sent += BATCH) {
      // Never far ahead of the runs: what is killed is killed in the middle of its work.
      await until('there is room to send', () => Promise.resolve(sent - this.begun() < 10 * BATCH), LIMIT_MS);
      const batch = Array.from({ length: Math.min(BATCH, messages - sent) }, (_, index) => ({
        ...this.message(sent + index),
        partition: Math.floor(random() * PARTITIONS),
      }));
      await until(
        'the batch is sent',
        () =>
          this.topics
            .send(batch)
            .then(() => true)
            .catch(() => false),
        LIMIT_MS,
      );
    }
  }

  private message(index: number): { topic: string; value: string } {
    const alert = { model: 'telco-churn', metric: 'roc_auc', value: 0.71 };
    const params = { number: index, sentAt: Date.now() };
    return { topic: REQUESTS_TOPIC, value: JSON.stringify({ ...alert, params }) };
  }

  /** Everything is committed, and every claim's run has begun. */
  private async settled(): Promise<void> {
    await until(
      'everything is committed',
      async () => this.begun() >= 0 && (await this.topics.isCaughtUp(GROUP, REQUESTS_TOPIC)),
      LIMIT_MS,
    );
    const total = Number((await this.topics.ends(REQUESTS_TOPIC)).reduce((sum, end) => sum + end, 0n));
    await until(`${total} runs have begun`, () => Promise.resolve(this.begun() >= total), LIMIT_MS);
  }

  private begun(): number {
    if (this.broken !== undefined) throw new Error(this.broken);
    return new Set(this.stages().map(({ runId }) => runId)).size;
  }

  private stages(): Stage[] {
    return readFileSync(join(this.folder, 'stages'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Stage);
  }
}
