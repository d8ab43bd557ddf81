/** The DevTools protocol over Node's own WebSocket: commands with answers, and events. */

type Listener = (session: string | undefined, method: string, params: Record<string, unknown>) => void;

interface Message {
  readonly id?: number;
  readonly sessionId?: string;
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** One connection to a browser, shared by its pages. */
export class DevToolsConnection {
  private next = 1;
  private readonly waiting = new Map<
    number,
    { resolve: (result: unknown) => void; reject: (error: Error) => void }
  >();
  private readonly listeners = new Set<Listener>();

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => this.receive(JSON.parse(String(data)) as Message));
    socket.addEventListener('close', () => {
      for (const { reject } of this.waiting.values()) reject(new Error('the browser closed the connection'));
      this.waiting.clear();
    });
  }

  static async open(address: string): Promise<DevToolsConnection> {
    const socket = new WebSocket(address);
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve(), { once: true });
      socket.addEventListener('error', () => reject(new Error(`cannot connect to ${address}`)), {
        once: true,
      });
    });
    return new DevToolsConnection(socket);
  }

  /** Sends a command, to a page's session or to the browser; the answer is what the protocol says of it. */
  send<Result>(method: string, params: Record<string, unknown> = {}, sessionId?: string): Promise<Result> {
    const id = this.next++;
    return new Promise<Result>((resolve, reject) => {
      this.waiting.set(id, { resolve: (result) => resolve(result as Result), reject });
      this.socket.send(JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) }));
    });
  }

  /** Calls `listener` for every event from now on. */
  listen(listener: Listener): void {
    this.listeners.add(listener);
  }

  close(): void {
    this.socket.close();
  }

  private receive(message: Message): void {
    if (message.id === undefined) {
      for (const listener of this.listeners)
        listener(message.sessionId, message.method ?? '', message.params ?? {});
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result);
  }
}
