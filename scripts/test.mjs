/**
 * `npm test` after the set-up: style, types and every suite, real components included. Ends with the line `N passed, N failed, N skipped`.
 * `npm test -- unit workflows` runs those suites only; without names it runs everything.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = path.join(root, 'node_modules', '.bin');
const python = path.join(root, '.millrace', 'python', 'bin', 'python');
const scratch = mkdtempSync(path.join(os.tmpdir(), 'millrace-test-'));
let reports = 0;

/** What a machine may lack: the test files that need it, and how it is installed. */
const requirements = [
  {
    name: 'a Chromium browser',
    files: 'in-browser\\.test\\.ts$',
    present: () =>
      ['chromium', 'chromium-browser', 'google-chrome'].some(
        (name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0,
      ),
    install: 'install Chromium (on Debian: apt-get install chromium)',
  },
  {
    name: 'a PostgreSQL server',
    files: 'in-postgres\\.test\\.ts$',
    present: () => readdir('/usr/lib/postgresql').length > 0,
    install: 'install PostgreSQL (on Debian: apt-get install postgresql)',
  },
  {
    name: 'Java and Maven, for a Kafka broker',
    files: 'on-kafka\\.test\\.ts$',
    present: () =>
      ['java', 'mvn'].every((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0),
    install:
      'install a Java runtime of 17 or newer and Maven (on Debian: apt-get install default-jre-headless maven)',
  },
  {
    name: 'docker compose',
    files: 'with-compose\\.test\\.ts$',
    present: () =>
      [
        ['docker', 'compose', 'version'],
        ['docker-compose', 'version'],
      ].some(([name, ...words]) => spawnSync(name, words, { stdio: 'ignore' }).status === 0),
    install: 'install Docker Compose (on Debian: apt-get install docker-compose); no engine is needed',
  },
  {
    name: 'Go, for a Kubernetes cluster',
    files: '(integration/kubernetes/.*|on-kubernetes|on-real-node)\\.test\\.ts$',
    present: () => kubernetes('cluster', 'ignore'),
    install: 'install Go 1.26 or newer, from which the cluster is built once',
  },
  {
    name: 'root, for a Kubernetes node that runs containers',
    files: 'on-real-node\\.test\\.ts$',
    present: () => kubernetes('node', 'ignore'),
    install: 'run as root, on Debian or with containerd and runc installed',
  },
];

/** Tests that type the `millrace` command. */
const COMMANDS = 'test/integration/client/';
/** Tests that start a Kubernetes cluster. */
const CLUSTERS = 'test/integration/kubernetes/';

const suites = {
  style: () =>
    check('style', [
      ['eslint', '.', '--max-warnings', '0'],
      ['prettier', '--check', '--log-level', 'warn', '.'],
    ]),
  types: () => check('types', [['tsc', '--build']]),
  trainers: pytest,
  unit: () => jest('unit', 2),
  workflows: () => jest('workflows', 2),
  replay: () => jest('replay', 2),
  integration: () =>
    jest('integration', 2, ['--testPathIgnorePatterns', COMMANDS, '--testPathIgnorePatterns', CLUSTERS]),
  // One at a time: each brings a stack of its own up, on the usual ports where they are free.
  commands: () => jest('integration', 1, ['--testPathPatterns', COMMANDS]),
  // One at a time: a cluster is five servers.
  kubernetes: async () =>
    (await builtKubernetes())
      ? jest('integration', 1, ['--testPathPatterns', CLUSTERS])
      : { passed: 0, failed: 1, skipped: 0 },
  // One at a time: each starts servers of its own, and kills them.
  faults: async () => ((await builtKubernetes()) ? jest('faults', 1) : { passed: 0, failed: 1, skipped: 0 }),
};

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`unknown suite ${unknown.join(', ')}\n  use some of ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}

const missing = requirements.filter(({ present }) => !present());
const totals = { passed: 0, failed: 0, skipped: 0 };
try {
  for (const [name, run] of Object.entries(suites)) {
    if (chosen.length > 0 && !chosen.includes(name)) continue;
    console.log(`\n── ${name}`);
    const started = Date.now();
    const counts = await run();
    for (const key of Object.keys(totals)) totals[key] += counts[key];
    console.log(
      `── ${name}: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped (${Math.round((Date.now() - started) / 1000)} s)`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

for (const { name, files, install } of missing) {
  console.log(`\nnot run: tests in files like ${files}, because this machine lacks ${name}\n  ${install}`);
  // Elsewhere a person has been told; where nobody looks, what was left out must not pass for tested.
  if (process.env.CI) totals.failed += 1;
}
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 || totals.passed === 0 ? 1 : 0;

/** Commands of which each counts as one test. */
async function check(name, commands) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [command, ...args] of commands) {
    const code = await start(path.join(bin, command), args);
    counts[code === 0 ? 'passed' : 'failed'] += 1;
  }
  return counts;
}

async function jest(project, workers, files = []) {
  reports += 1;
  const file = path.join(scratch, `${reports}.json`);
  const code = await start(path.join(bin, 'jest'), [
    ...[
      '--selectProjects',
      project,
      '--maxWorkers',
      String(workers),
      '--passWithNoTests',
      '--json',
      '--outputFile',
      file,
    ],
    ...files,
    ...missing.flatMap((requirement) => ['--testPathIgnorePatterns', requirement.files]),
  ]);
  const result = readJson(file);
  if (!result) return { passed: 0, failed: 1, skipped: 0 };
  // A file that cannot be loaded has no tests to fail, and an open handle fails no test: both fail the suite.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** Whether a cluster's programs are there, or cannot be. The first time they are built here, which takes longer than a test may. */
async function builtKubernetes() {
  if (!kubernetes('cluster', 'ignore')) return true;
  console.log('building Kubernetes from Go modules, unless it is built: some ten minutes the first time');
  return kubernetes('build', 'inherit');
}

/** Asks the tests' support for Kubernetes, which is TypeScript: see test/support/kubernetes/prepare.ts. */
function kubernetes(task, stdio) {
  const support = path.join(root, 'test', 'support');
  const hook = ['--require', path.join(support, 'typescript-hook.cjs')];
  const file = path.join(support, 'kubernetes', 'prepare.ts');
  return spawnSync(process.execPath, [...hook, file, task], { cwd: root, stdio }).status === 0;
}

async function pytest() {
  const file = path.join(scratch, 'trainers.xml');
  const code = await start(python, [
    '-m',
    'pytest',
    '-q',
    '-p',
    'no:cacheprovider',
    '--junit-xml',
    file,
    'trainers',
  ]);
  const text = readText(file);
  const count = (name) => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(text)?.[1] ?? 0);
  const failed = count('failures') + count('errors');
  const skipped = count('skipped');
  return {
    passed: count('tests') - failed - skipped,
    failed: failed === 0 && code !== 0 ? 1 : failed,
    skipped,
  };
}

function start(file, args) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, stdio: 'inherit' });
    const forward = (signal) => child.kill(signal);
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, forward);
    child.on('error', (error) => {
      console.error(`${file} could not be run: ${error.message}`);
      resolve(1);
    });
    child.on('exit', (code) => {
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, forward);
      resolve(code ?? 1);
    });
  });
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function readdir(folder) {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readJson(file) {
  const text = readText(file);
  return text === '' ? undefined : JSON.parse(text);
}
