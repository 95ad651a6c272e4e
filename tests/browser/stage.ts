/**
 * One server over the invented city and one browser, for a file of browser tests.
 *
 * Without a browser the tests are skipped with a sentence; with CI=true that is a failure.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe, { type AxeResults } from 'axe-core';
import { pino } from 'pino';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../api/server.ts';
import { FakeEngine } from '../fixtures/fake-engine.ts';
import { NO_BROWSER, openPage, startBrowser, type WatchedPage } from './browser.ts';

const DIST = fileURLToPath(new URL('../../dashboards/dist', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../dashboards/vite.config.ts', import.meta.url));
const CHEAP = { N: 2 ** 10, r: 8, p: 1 };

export class Stage {
  readonly engine: FakeEngine;
  readonly #browser: Browser;
  readonly #dataDir: string;
  #server: RunningServer;

  private constructor(
    engine: FakeEngine,
    browser: Browser,
    dataDir: string,
    server: RunningServer,
  ) {
    this.engine = engine;
    this.#browser = browser;
    this.#dataDir = dataDir;
    this.#server = server;
  }

  static async open(browser: Browser): Promise<Stage> {
    if (!existsSync(join(DIST, 'index.html'))) {
      await build({ configFile: CONFIG, logLevel: 'error' });
    }
    const engine = new FakeEngine({ cases: 400 });
    await engine.start();
    const dataDir = mkdtempSync(join(tmpdir(), 'mingcha-browser-'));
    return new Stage(engine, browser, dataDir, await listen(engine, dataDir, 0));
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  secret(name: string): string {
    const entry = this.#server.credentials.entries.find((one) => one.name === name);
    if (entry === undefined) throw new Error(`Stage: no account ${name}`);
    return entry.secret;
  }

  /** A department supervisor: log-in, and the one organ whose cards they may see. */
  get department(): { readonly user: string; readonly secret: string; readonly organ: string } {
    const entry = this.#server.credentials.entries.find((one) => one.role === 'department');
    if (entry === undefined) throw new Error('Stage: no department account');
    const organ = this.engine
      .pack()
      .organs.find(({ code }) => entry.name.endsWith(`-${code.toLowerCase()}`));
    if (organ === undefined) throw new Error(`Stage: whose account is ${entry.name}?`);
    return { user: entry.name, secret: entry.secret, organ: organ.code };
  }

  /** An organ that the department supervisor must never hear of. */
  get otherOrgan(): { readonly code: string; readonly short: string } {
    const own = this.department.organ;
    const other = this.engine.pack().organs.find(({ code }) => code !== own);
    if (other === undefined) throw new Error('Stage: the city has one organ only');
    return { code: other.code, short: other.short.zh };
  }

  page(options: BrowserContextOptions = {}): Promise<WatchedPage> {
    return openPage(this.#browser, this.origin, options);
  }

  /** The server goes away, sockets and all; `again` brings it back at the same address. */
  async cut(): Promise<() => Promise<void>> {
    const { port } = this.#server;
    await this.#server.close();
    return async () => {
      this.#server = await listen(this.engine, this.#dataDir, port);
    };
  }

  /** Pages of a test end with it: a wall left open goes on working. */
  async closePages(): Promise<void> {
    for (const context of this.#browser.contexts()) await context.close();
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.#server.close();
    await this.engine.stop();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

function listen(engine: FakeEngine, dataDir: string, port: number): Promise<RunningServer> {
  return startServer({
    engine,
    dataDir,
    port,
    log: pino({ level: 'silent' }),
    dashboardsDir: DIST,
    scrypt: CHEAP,
  });
}

/** A suite with a stage of its own. */
export function onStage(name: string, body: (stage: () => Stage) => void): void {
  describe(name, () => {
    let stage: Stage | null = null;
    beforeAll(async () => {
      const browser = await startBrowser();
      if (browser === null && process.env.CI === 'true') throw new Error(NO_BROWSER);
      stage = browser === null ? null : await Stage.open(browser);
    });
    afterAll(() => stage?.close());
    body(() => {
      if (stage === null) throw new Error(NO_BROWSER);
      return stage;
    });
  });
}

/** A test that is skipped, with the reason, where no browser starts. */
export function onPage(name: string, stage: () => Stage, body: (stage: Stage) => Promise<void>) {
  test(name, async ({ skip }) => {
    let open: Stage;
    try {
      open = stage();
    } catch (error) {
      skip(String(error));
      return;
    }
    try {
      await body(open);
    } finally {
      await open.closePages();
    }
  });
}

/** Violations of WCAG 2.2 AA on the page as it stands, as sentences. */
export async function violations(page: Page, exclude: readonly string[] = []): Promise<string[]> {
  // Through the debugger and not as a script tag: the page's security policy stays as it is.
  await page.evaluate(axe.source);
  const options = {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  };
  const context = JSON.stringify({ exclude: exclude.map((selector) => [selector]) });
  const result = (await page.evaluate(
    `axe.run(${context}, ${JSON.stringify(options)})`,
  )) as AxeResults;
  return result.violations.map(
    (one) =>
      `${one.id}: ${one.help} (${one.nodes.map((node) => node.target.join(' ')).join(', ')})`,
  );
}

/** Nothing left our own origin and nothing was thrown or blocked, but for what is expected. */
export function expectClean(watched: WatchedPage, expected: RegExp = /$^/): void {
  expect(watched.outside).toEqual([]);
  expect(watched.errors.filter((error) => !expected.test(error))).toEqual([]);
}
