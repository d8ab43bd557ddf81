/** A Chromium of its own, driven over the DevTools protocol: what a page looks like, asks for and complains of. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DevToolsConnection } from './devtools-connection';
import { BrowserPage } from './browser-page';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

/** One browser process with a profile that is thrown away. */
export class Browser {
  private constructor(
    private readonly process: ChildProcess,
    readonly profile: string,
    private readonly connection: DevToolsConnection,
  ) {}

  /** @param names programs that are tried in this order
   * @throws when no Chromium is installed, saying how to install one. */
  static async start(names: readonly string[] = NAMES): Promise<Browser> {
    const program = names.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
    if (program === undefined)
      throw new Error(
        `no Chromium found (looked for ${names.join(', ')} on PATH): install Chromium, on Debian with apt-get install chromium`,
      );
    const profile = await mkdtemp(join(tmpdir(), 'millrace-browser-'));
    const child = spawn(
      program,
      [
        ...[
          '--headless=new',
          '--no-sandbox',
          '--disable-gpu',
          '--disable-dev-shm-usage',
          '--hide-scrollbars',
        ],
        ...['--no-first-run', '--disable-extensions', '--disable-background-networking'],
        ...['--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
      ],
      // A group of its own, so that its renderers end with it.
      { stdio: ['ignore', 'ignore', 'pipe'], detached: true },
    );
    try {
      const connection = await DevToolsConnection.open(await addressOf(child));
      return new Browser(child, profile, connection);
    } catch (error) {
      await end(child, profile);
      throw error;
    }
  }

  /** An empty page; `script: false` forbids the page's scripts, as a careful reader does. */
  newPage(options: { script: boolean } = { script: true }): Promise<BrowserPage> {
    return BrowserPage.open(this.connection, options);
  }

  /** Ends the process and removes its profile. */
  async close(): Promise<void> {
    this.connection.close();
    await end(this.process, this.profile);
  }
}

/** The address that Chromium writes once it listens. */
async function addressOf({ stderr }: ChildProcess): Promise<string> {
  if (!stderr) throw new Error('Chromium was started without a pipe for what it says');
  const said: string[] = [];
  for await (const line of createInterface({ input: stderr })) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address !== undefined) {
      stderr.resume();
      return address;
    }
    said.push(line);
  }
  throw new Error(`Chromium ended before it listened:\n${said.join('\n')}`);
}

async function end(child: ChildProcess, profile: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null && child.pid !== undefined) {
    const ended = once(child, 'exit');
    process.kill(-child.pid, 'SIGKILL');
    await ended;
  }
  await rm(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
}
