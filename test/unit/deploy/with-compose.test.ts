// Catches a docker-compose.yml that Docker's own programs refuse.
import { execFileSync, spawnSync } from 'node:child_process';
import { readComposeFile, ROOT } from './compose-file';

/** The plugin of `docker`, or the older program of its own. Neither asks an engine for this. */
function compose(...words: string[]): string {
  const plugin = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;
  const command = plugin ? ['docker', 'compose', ...words] : ['docker-compose', ...words];
  return execFileSync(command[0] ?? '', command.slice(1), { cwd: ROOT, encoding: 'utf8' });
}

test('docker compose config takes the file, without a variable of this machine, and sees the services that the tests see', () => {
  compose('config', '--quiet');
  expect(compose('config', '--services').trim().split('\n').sort()).toEqual(
    Object.keys(readComposeFile().services).sort(),
  );
}, 60_000);
