/**
 * Catches: a trainer that the kernel killed for memory and that is reported as lost. Needs a control group with a memory limit, so it runs where this user
 * may make one (root, or a delegated hierarchy), and is named as not run elsewhere.
 */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFixture, python } from './fixture';

const LIMIT_BYTES = 120 << 20;

/** Folder of a new control group that may use 120 MiB, under version 1 or 2; undefined where none can be made. */
function limitedGroup(): string | undefined {
  for (const line of readFileSync('/proc/self/cgroup', 'utf8').trim().split('\n')) {
    const [, controllers, path] = line.split(':', 3) as [string, string, string];
    const first = controllers === 'memory';
    if (!first && controllers !== '') continue;
    const group = join(
      first ? '/sys/fs/cgroup/memory' : '/sys/fs/cgroup',
      path,
      `millrace-test-${process.pid}`,
    );
    try {
      mkdirSync(group);
    } catch {
      continue;
    }
    try {
      const [memory, swap] = first
        ? ['memory.limit_in_bytes', 'memory.memsw.limit_in_bytes']
        : ['memory.max', 'memory.swap.max'];
      writeFileSync(join(group, memory), String(LIMIT_BYTES), { flag: 'r+' });
      if (existsSync(join(group, swap)))
        writeFileSync(join(group, swap), first ? String(LIMIT_BYTES) : '0', { flag: 'r+' });
      return group;
    } catch {
      rmdirSync(group);
    }
  }
  return undefined;
}

const group = limitedGroup();
afterAll(() => {
  if (group !== undefined) rmdirSync(group);
});

const name = 'a trainer that the kernel kills for memory is out of memory, while the supervisor lives on';
(group === undefined ? test.skip : test)(
  `${name}${group === undefined ? ' (needs a writable memory control group: run as root)' : ''}`,
  async () => {
    const fixture = await createFixture();
    try {
      const inGroup = join(fixture.root, 'python');
      writeFileSync(inGroup, `#!/bin/sh\necho $$ > "${group}/cgroup.procs"\nexec "${python}" "$@"\n`);
      chmodSync(inGroup, 0o755);
      const program = `ballast = []\nwhile True: ballast.append(b"x" * (1 << 20))`;
      const request = await fixture.request('job', program, {
        python: inGroup,
        command: [python, '-I', 'train.py'],
      });
      await fixture.backend.launchOrAdopt(request);
      expect((await fixture.end('job')).failure).toMatchObject({
        code: 'TRAINER_OUT_OF_MEMORY',
        message: expect.stringContaining('kernel') as string,
      });
    } finally {
      await fixture.close();
    }
  },
);
