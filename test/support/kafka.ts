/**
 * A real Kafka broker without a container: the jars of Apache Kafka, one JVM that is broker and controller (KRaft) on loopback ports. It needs Java 17
 * and, for the first time, Maven.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePorts } from './free-port';
import { ServerProcess } from './server-process';

const run = promisify(execFile);
/** 4.4.0 needs a package that Maven Central lacks. */
const VERSION = '4.3.0';
const START_LIMIT_MS = 60_000;

/** Packages of the broker; slf4j 1.7 is the line that Kafka is built against. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>local</groupId><artifactId>kafka-broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** A user of the listener that asks for a password. */
export const KAFKA_USER = { username: 'millrace', password: 'only-for-tests' };

/** A broker with its data on disk. */
export interface KafkaBroker {
  /** `127.0.0.1:<port>`, the same after a restart: no login. */
  readonly address: string;
  /** The same broker behind TLS and SASL (PLAIN), for {@link KAFKA_USER}. */
  readonly securedAddress: string;
  /** PEM file with the certificate of that listener. */
  readonly certificate: string;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
  /** Ends it with SIGKILL; its data and ports stay. */
  kill(): Promise<void>;
  /** Starts it again on its data and ports, after `kill`. */
  restart(): Promise<void>;
}

/** Starts a broker on free ports that takes messages of up to `largestMessage` bytes. @throws Error with its log when it does not answer in time. */
export async function startKafka({ largestMessage = 20_000_000 } = {}): Promise<KafkaBroker> {
  const jars = await kafkaJars();
  const folder = await mkdtemp(join(tmpdir(), 'millrace-kafka-'));
  const [port = 0, saslPort = 0, controllerPort = 0] = await freePorts(3);
  const [keys, certificate] = [join(folder, 'keys.p12'), join(folder, 'certificate.pem')];
  const properties = join(folder, 'server.properties');
  const log = join(folder, 'broker.log');
  const data = join(folder, 'data');
  const server = new ServerProcess({
    name: 'the Kafka broker',
    command: 'java',
    args: [...javaArguments(jars), 'kafka.Kafka', properties],
    log,
    async untilServing(hasEnded) {
      for (const one of [port, saslPort]) await listening(one, hasEnded);
    },
  });
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await writeFile(properties, propertiesOf({ port, saslPort, controllerPort, data, keys, largestMessage }));
    const store = ['-alias', 'broker', '-keystore', keys, '-storepass', KAFKA_USER.password];
    const subject = ['-dname', 'CN=localhost', '-ext', 'san=ip:127.0.0.1', '-validity', '2'];
    await run('keytool', ['-genkeypair', '-keyalg', 'RSA', '-storetype', 'PKCS12', ...subject, ...store]);
    await run('keytool', ['-exportcert', '-rfc', '-file', certificate, ...store]);
    const id = randomBytes(16).toString('base64url').replaceAll(/[-_]/g, 'A').slice(0, 22);
    await run('java', [
      ...javaArguments(jars),
      'kafka.tools.StorageTool',
      'format',
      '-t',
      id,
      '-c',
      properties,
    ]);
    await server.start();
  } catch (error) {
    await server.kill();
    await remove();
    throw error;
  }
  return {
    address: `127.0.0.1:${port}`,
    securedAddress: `127.0.0.1:${saslPort}`,
    certificate,
    async stop() {
      // An orderly stop takes seconds, and nobody looks at the data any more.
      await server.kill();
      await remove();
    },
    kill: () => server.kill(),
    restart: () => server.start(),
  };
}

/** Folder of the jars, outside of the checkout and by version: fetched once for a user of this machine. */
async function kafkaJars(): Promise<string> {
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const folder = join(caches, 'millrace', `kafka-broker-${VERSION}`);
  if (existsSync(folder)) return folder;
  const working = await mkdtemp(join(tmpdir(), 'millrace-kafka-jars-'));
  try {
    await writeFile(join(working, 'pom.xml'), POM);
    await run('mvn', [
      ...['-q', '-B', '-f', join(working, 'pom.xml'), 'dependency:copy-dependencies'],
      ...['-DincludeScope=runtime', `-DoutputDirectory=${join(working, 'lib')}`],
    ]);
    await mkdir(join(caches, 'millrace'), { recursive: true });
    // Complete, or not there: another process may look at any moment.
    const aside = `${folder}.${process.pid}`;
    await cp(join(working, 'lib'), aside, { recursive: true });
    await rename(aside, folder).catch(() => rm(aside, { recursive: true }));
    return folder;
  } finally {
    await rm(working, { recursive: true, force: true });
  }
}

/** Half the usual time to start; the most that a broker may do is not what it is for. */
function javaArguments(jars: string): string[] {
  return [
    ...['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'],
    ...['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', join(jars, '*')],
  ];
}

function propertiesOf(broker: {
  readonly port: number;
  readonly saslPort: number;
  readonly controllerPort: number;
  readonly data: string;
  readonly keys: string;
  readonly largestMessage: number;
}): string {
  const host = '127.0.0.1';
  const listeners = `PLAINTEXT://${host}:${broker.port},SASL_SSL://${host}:${broker.saslPort}`;
  const { username, password } = KAFKA_USER;
  const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
  return `${[
    ...['process.roles=broker,controller', 'node.id=1'],
    `controller.quorum.voters=1@${host}:${broker.controllerPort}`,
    `listeners=${listeners},CONTROLLER://${host}:${broker.controllerPort}`,
    `advertised.listeners=${listeners}`,
    'controller.listener.names=CONTROLLER',
    'listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL',
    'sasl.enabled.mechanisms=PLAIN',
    `listener.name.sasl_ssl.plain.sasl.jaas.config=${login} user_${username}="${password}";`,
    ...['ssl.keystore.type=PKCS12', `ssl.keystore.location=${broker.keys}`],
    ...[`ssl.keystore.password=${password}`, `ssl.key.password=${password}`],
    `log.dirs=${broker.data}`,
    'auto.create.topics.enable=false',
    `message.max.bytes=${broker.largestMessage}`,
    // One broker: internal topics cannot have more replicas, and few partitions start and recover faster.
    ...['offsets.topic.replication.factor=1', 'offsets.topic.num.partitions=1'],
    ...['transaction.state.log.replication.factor=1', 'transaction.state.log.min.isr=1'],
    ...['share.coordinator.state.topic.replication.factor=1', 'share.coordinator.state.topic.min.isr=1'],
    // The first member of a group need not wait for others, and a dead one is soon forgotten.
    ...['group.initial.rebalance.delay.ms=0', 'group.min.session.timeout.ms=1000'],
    // After SIGKILL the controller refuses the same broker until its old session has ended.
    ...['broker.session.timeout.ms=1000', 'broker.heartbeat.interval.ms=200'],
  ].join('\n')}\n`;
}

async function listening(port: number, hasEnded: () => boolean): Promise<void> {
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await opens(port))) {
    if (hasEnded()) throw new Error('the process ended');
    if (Date.now() > deadline) throw new Error(`port ${port} was not open within ${START_LIMIT_MS} ms`);
    await pause(50);
  }
}

function opens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
