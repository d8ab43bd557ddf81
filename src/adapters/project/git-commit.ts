import { execFile } from 'node:child_process';

/**
 * The commit that the repository around `folder` stands at, with `-dirty` behind it where tracked files are changed. Undefined outside a
 * repository, before its first commit, without git, or when git takes longer than five seconds.
 */
export function commitOf(folder: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    execFile(
      'git',
      ['-C', folder, 'describe', '--always', '--dirty', '--abbrev=40', '--exclude=*'],
      { timeout: 5000, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' } },
      (error, stdout) => resolve(error === null && /^[0-9a-f]{40}/.test(stdout) ? stdout.trim() : undefined),
    );
  });
}
