/** One page in the browser. */
import { writeFile } from 'node:fs/promises';
import type { DevToolsConnection } from './devtools-connection';

/** How a page is looked at. */
export interface Look {
  readonly width: number;
  readonly scheme: 'light' | 'dark';
}

/** A page with what it asked for and what it complained of since it was made. */
export class BrowserPage {
  /** Addresses of every request, the page itself first. */
  readonly requests: string[] = [];
  /** Errors and warnings of the console, of the content security policy and of scripts. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly connection: DevToolsConnection,
    private readonly session: string,
  ) {
    connection.listen((of, method, params) => {
      if (of !== session) return;
      if (method === 'Network.requestWillBeSent') this.requests.push((params.request as { url: string }).url);
      if (['Log.entryAdded', 'Runtime.exceptionThrown', 'Runtime.consoleAPICalled'].includes(method))
        this.complaints.push(JSON.stringify(params));
    });
  }

  static async open(connection: DevToolsConnection, { script }: { script: boolean }): Promise<BrowserPage> {
    const { targetId } = await connection.send<{ targetId: string }>('Target.createTarget', {
      url: 'about:blank',
    });
    const { sessionId } = await connection.send<{ sessionId: string }>('Target.attachToTarget', {
      ...{ targetId, flatten: true },
    });
    const page = new BrowserPage(connection, sessionId);
    for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await page.send(`${domain}.enable`);
    await page.send('Emulation.setScriptExecutionDisabled', { value: !script });
    return page;
  }

  /** Opens an address and waits until all of it is there. */
  async visit(url: string, look: Look): Promise<void> {
    await this.look(look);
    const loaded = new Promise<void>((resolve) =>
      this.connection.listen((of, method) => {
        if (of === this.session && method === 'Page.loadEventFired') resolve();
      }),
    );
    const { errorText } = await this.send<{ errorText?: string }>('Page.navigate', { url });
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  /** Changes width and colour scheme, as a reader's device has them. */
  async look({ width, scheme }: Look): Promise<void> {
    await this.send('Emulation.setDeviceMetricsOverride', {
      ...{ width, height: 900, deviceScaleFactor: 1, mobile: width < 600 },
    });
    await this.send('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
  }

  /** What a JavaScript expression comes to; its value must be JSON. Works where the page's own scripts are forbidden. */
  async evaluate<Value>(expression: string): Promise<Value> {
    const { result, exceptionDetails } = await this.send<{
      result: { value: Value };
      exceptionDetails?: { exception?: { description?: string }; text: string };
    }>('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** A picture of the whole page. */
  async screenshot(file?: string): Promise<Buffer> {
    const { data } = await this.send<{ data: string }>('Page.captureScreenshot', {
      ...{ format: 'png', captureBeyondViewport: true, clip: await this.#whole() },
    });
    const picture = Buffer.from(data, 'base64');
    if (file !== undefined) await writeFile(file, picture);
    return picture;
  }

  async #whole(): Promise<Record<string, number>> {
    const { cssContentSize } = await this.send<{ cssContentSize: { width: number; height: number } }>(
      'Page.getLayoutMetrics',
    );
    return { x: 0, y: 0, width: cssContentSize.width, height: cssContentSize.height, scale: 1 };
  }

  private send<Result>(method: string, params: Record<string, unknown> = {}): Promise<Result> {
    return this.connection.send<Result>(method, params, this.session);
  }
}
