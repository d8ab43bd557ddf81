/**
 * `npm run demo` and `npm test` begin here. Plain Node without dependencies: it installs what the project needs inside the project, each
 * step with a line of progress and skipped when it is done, then hands over to the command on the Node that the project brings.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const state = path.join(root, '.millrace');
const python = path.join(state, 'python');
const UV = 'uv==0.13.9';

const commands = {
  demo: [path.join(root, 'bin', 'millrace.mjs'), 'demo'],
  test: [path.join(root, 'scripts', 'test.mjs')],
  // The benchmarks run as they are written; the stack that they start is the built one.
  bench: [
    '--require',
    path.join(root, 'test', 'support', 'typescript-hook.cjs'),
    path.join(root, 'bench', 'main.ts'),
  ],
  install: undefined,
};

const [name = 'install', ...rest] = process.argv.slice(2);
if (!(name in commands)) fail(`unknown command ${name}`, `use one of ${Object.keys(commands).join(', ')}`);
if (before(process.versions.node, [20, 19])) {
  fail(`Node ${process.versions.node} is too old to begin with`, 'install Node 20.19 or newer');
}

mkdirSync(state, { recursive: true });
await withLock(async () => {
  await step(
    'Node packages',
    'node-packages',
    ['package-lock.json'],
    path.join(root, 'node_modules'),
    installNodePackages,
  );
  await step('Python environment', 'python', ['trainers/requirements.lock'], python, installPython);
  if (name === 'test' || name === 'bench')
    await step(
      'Servers for tests',
      'test-servers',
      ['test/support/requirements.lock'],
      path.join(python, 'bin', 'weed'),
      installTestServers,
    );
  await step(
    'Data sets',
    'datasets',
    ['scripts/fetch-datasets.py'],
    path.join(root, 'pipelines', 'data'),
    fetchDatasets,
  );
  await always('TypeScript', build);
});

const command = commands[name];
if (command) {
  const child = spawn(nodeOfProject(), [...command, ...rest], {
    cwd: root,
    stdio: 'inherit',
    env: environment(),
  });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
}

/** Runs a step unless its inputs are those of the last time it succeeded and its output is there. The stamp lies beside the output's content. */
async function step(title, id, inputs, output, run) {
  const stamp = path.join(state, 'stamps', id);
  const digest = digestOf(inputs);
  if (existsSync(output) && existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  await always(title, run);
  mkdirSync(path.dirname(stamp), { recursive: true });
  writeFileSync(`${stamp}.new`, digest);
  renameSync(`${stamp}.new`, stamp);
}

async function always(title, run) {
  const started = Date.now();
  const label = `  ${title} `.padEnd(30, '.');
  if (process.stdout.isTTY) process.stdout.write(`${label} …`);
  try {
    await run();
  } catch (error) {
    console.log(`${process.stdout.isTTY ? '\r' : ''}${label} failed`);
    fail(error.message, error.mend ?? 'mend it, then type the command again: what is done is not repeated');
  }
  console.log(
    `${process.stdout.isTTY ? '\r' : ''}${label} ready (${((Date.now() - started) / 1000).toFixed(1)} s)`,
  );
}

async function installNodePackages() {
  // The versions and hashes of the lock file, as `npm ci` would take them. That one refuses a lock file without the packages for other
  // platforms, which a registry's mirror may lack. No package's own script runs at install: nothing that we use needs one.
  await run('npm', ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root });
}

async function installPython() {
  const found = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10'].find((candidate) => {
    const { stdout, status } = spawnSync(
      candidate,
      ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])'],
      { encoding: 'utf8' },
    );
    return status === 0 && !before(stdout.trim(), [3, 10]);
  });
  if (!found)
    throw problem(
      'there is no Python 3.10 or newer',
      'install Python 3.10 or newer (on Debian: apt-get install python3 python3-venv)',
    );
  const executable = path.join(python, 'bin', 'python');
  if (!existsSync(executable)) {
    rmSync(python, { recursive: true, force: true });
    await run(found, ['-m', 'venv', python]).catch((error) => {
      rmSync(python, { recursive: true, force: true });
      throw problem(error.message, 'on Debian: apt-get install python3-venv');
    });
  }
  await run(executable, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', UV]);
  await installLocked(path.join('trainers', 'requirements.lock'));
  // Where bytecode is not written on import, every start of a trainer would compile its libraries again.
  await run(executable, ['-m', 'compileall', '-q', '-j', '2', path.join(python, 'lib')]).catch(
    () => undefined,
  );
}

/** Adds what a lock file of the project names to the Python environment. */
async function installLocked(lock) {
  const into = ['--python', path.join(python, 'bin', 'python')];
  const what = ['--require-hashes', '-r', path.join(root, lock)];
  await run(path.join(python, 'bin', 'uv'), ['pip', 'install', '--quiet', ...into, ...what]);
}

async function installTestServers() {
  await installLocked(path.join('test', 'support', 'requirements.lock'));
}

async function fetchDatasets() {
  await run(path.join(python, 'bin', 'python'), [path.join(root, 'scripts', 'fetch-datasets.py')]);
}

async function build() {
  await run(
    nodeOfProject(),
    [
      path.join(root, 'node_modules', 'typescript', 'bin', 'tsc'),
      '--build',
      'src',
      'packages/mlflow-client-ts',
    ],
    { cwd: root },
  );
}

/** The project brings Node 24 as an optional package; elsewhere the machine's own must be new enough. */
function nodeOfProject() {
  const brought = path.join(root, 'node_modules', '.bin', 'node');
  if (existsSync(brought) && spawnSync(brought, ['--version']).status === 0) return brought;
  if (before(process.versions.node, [22, 22])) {
    fail(
      `Node ${process.versions.node} is too old, and the project brings none for ${process.platform}-${process.arch}`,
      'install Node 22.22 or newer',
    );
  }
  return process.execPath;
}

function environment() {
  const env = {
    ...process.env,
    PATH: [path.join(root, 'node_modules', '.bin'), process.env.PATH].join(path.delimiter),
  };
  // Without compiled modules every start of MLflow and of a trainer would compile its libraries again.
  delete env.PYTHONDONTWRITEBYTECODE;
  return env;
}

/** Runs quietly; on failure the end of the output is the message. */
function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output = (output + chunk).slice(-4000)));
    child.on('error', (error) => reject(problem(`${file} could not be run: ${error.message}`)));
    child.on('exit', (code) =>
      code === 0
        ? resolve()
        : reject(
            problem(`${path.basename(file)} ${args[0] ?? ''} ended with code ${code}:\n${output.trim()}`),
          ),
    );
  });
}

/** Two set-ups at once would tread on each other: the second waits for the first. A lock whose owner is gone is taken over. */
async function withLock(action) {
  const lock = path.join(state, 'setup.lock');
  for (let told = false; ;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = existsSync(lock) ? Number(readFileSync(lock, 'utf8')) : 0;
      if (!isAlive(owner) && (owner > 0 || Date.now() - modifiedAt(lock) > 5000)) {
        rmSync(lock, { force: true });
        continue;
      }
      if (!told) console.log(`  another set-up is running (process ${owner}); waiting for it`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
  const release = () => rmSync(lock, { force: true });
  process.on('exit', release);
  try {
    await action();
  } finally {
    release();
    process.off('exit', release);
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function modifiedAt(file) {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return Date.now();
  }
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(path.join(root, file)));
  return hash.update(process.platform + process.arch).digest('hex');
}

function before(version, [major, minor]) {
  const [a = 0, b = 0] = version.split('.').map(Number);
  return a < major || (a === major && b < minor);
}

function problem(message, mend) {
  return Object.assign(new Error(message), { mend });
}

function fail(message, mend) {
  console.error(`\n${message}\n  ${mend}`);
  process.exit(1);
}
