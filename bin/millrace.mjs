#!/usr/bin/env node
/** The `millrace` command: hands over to the built CLI, on the Node that the project brings where the running one is too old. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const cli = path.join(root, 'dist', 'client', 'cli.js');
const brought = path.join(root, 'node_modules', '.bin', 'node');
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (!existsSync(cli)) {
  console.error('Millrace is not set up yet.\n  Type `npm run demo` once in its folder.');
  process.exit(4);
} else if (major > 22 || (major === 22 && minor >= 22)) {
  createRequire(import.meta.url)(cli);
} else if (existsSync(brought)) {
  const child = spawn(brought, [cli, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  console.error(`Node ${process.versions.node} is too old.\n  Install Node 22.22 or newer.`);
  process.exit(4);
}
