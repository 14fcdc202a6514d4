/**
 * A real browser without a screen, driven over its debugging pipe: messages are JSON, each ended by a zero byte. Only what the
 * report's tests need.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The browser of this machine: CHROME if set, else by the usual names; null where there is none. */
export function findBrowser(): string | null {
  const candidates = process.env['CHROME'] === undefined ? NAMES : [process.env['CHROME']];
  return candidates.find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0) ?? null;
}

/** How a page is looked at. */
export interface Look {
  readonly width: number;
  readonly height: number;
  readonly dark: boolean;
}

interface Reply {
  readonly id?: number;
  readonly method?: string;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly params?: Record<string, unknown>;
}

/** One browser with one page. */
export class HeadlessBrowser {
  /** Addresses the page asked for, itself included, and what it complained about. */
  readonly requests: string[] = [];
  readonly complaints: string[] = [];
  readonly #child: ChildProcess;
  readonly #home: string;
  readonly #waiting = new Map<number, (reply: Reply) => void>();
  #session = '';
  #sent = 0;

  private constructor(program: string) {
    this.#home = mkdtempSync(join(tmpdir(), 'brimlog-browser-'));
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${this.#home}`];
    this.#child = spawn(program, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], detached: true });
    let text = '';
    (this.#child.stdio[4] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      const messages = (text + chunk).split('\0');
      text = messages.pop() ?? '';
      for (const message of messages) this.#take(JSON.parse(message) as Reply);
    });
  }

  /** Starts one, with an empty page. */
  static async start(program: string): Promise<HeadlessBrowser> {
    const browser = new HeadlessBrowser(program);
    const { targetId } = await browser.#ask('Target.createTarget', { url: 'about:blank' });
    const { sessionId } = await browser.#ask('Target.attachToTarget', { targetId, flatten: true });
    browser.#session = String(sessionId);
    for (const domain of ['Page', 'Network', 'Log', 'Runtime']) await browser.#ask(`${domain}.enable`, {});
    return browser;
  }

  /** Opens `url` and waits until it is drawn. */
  async open(url: string, { width, height, dark }: Look): Promise<void> {
    await this.#ask('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 600 });
    await this.#ask('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
    await this.#ask('Page.navigate', { url });
    await this.evaluate('new Promise((resolve) => { const look = () => document.readyState === "complete" ? requestAnimationFrame(() => resolve(true)) : setTimeout(look, 10); look(); })');
  }

  /** What an expression comes to in the page, promises awaited. */
  async evaluate(expression: string): Promise<unknown> {
    const { result, exceptionDetails } = (await this.#ask('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true })) as {
      result: { value: unknown };
      exceptionDetails?: { text: string };
    };
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.text);
    return result.value;
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'close');
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    await ended;
    rmSync(this.#home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }

  #take({ id, method, params, ...reply }: Reply): void {
    if (id !== undefined) this.#waiting.get(id)?.(reply);
    if (method === 'Network.requestWillBeSent') this.requests.push((params?.['request'] as { url: string }).url);
    if (method === 'Log.entryAdded' || method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params));
  }

  #ask(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
    this.#sent += 1;
    const id = this.#sent;
    const message = { id, method, params, ...(this.#session === '' ? {} : { sessionId: this.#session }) };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        this.#waiting.delete(id);
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
      (this.#child.stdio[3] as Writable).write(`${JSON.stringify(message)}\0`);
    });
  }
}
