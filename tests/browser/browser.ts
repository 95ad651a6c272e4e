/**
 * A Chromium for the browser tests: one that is installed, else the one that comes as a package.
 *
 * Owns: finding and starting it, a page that records what it should not do, and pictures on demand
 * (SCREENSHOTS=DIR).
 */
import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import {
  type Browser,
  type BrowserContextOptions,
  chromium as engine,
  type Page,
} from 'playwright-core';

const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
];

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function candidates(): Promise<string[]> {
  const found: string[] = [];
  for (const path of INSTALLED) if (await exists(path)) found.push(path);
  const packaged = await chromium.executablePath().catch(() => null);
  if (packaged !== null) found.push(packaged);
  return found;
}

/** The first Chromium that starts, with a profile of its own; null when none does. */
export async function startBrowser(): Promise<Browser | null> {
  for (const executablePath of await candidates()) {
    try {
      return await engine.launch({ executablePath, args: FLAGS });
    } catch (error) {
      process.stderr.write(`browser: ${executablePath} does not start: ${String(error)}\n`);
    }
  }
  return null;
}

/** The sentence with which tests are skipped when no browser starts. */
export const NO_BROWSER =
  'No Chromium starts here: install one, or the packages of @sparticuz/chromium’s platform.';

export interface WatchedPage {
  readonly page: Page;
  /** Requests that left our own origin. */
  readonly outside: string[];
  /** Uncaught errors and console errors, among them everything the security policy blocked. */
  readonly errors: string[];
}

export async function openPage(
  browser: Browser,
  origin: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext({
    locale: 'zh-CN',
    timezoneId: 'America/New_York',
    viewport: { width: 1440, height: 900 },
    baseURL: origin,
    ...options,
  });
  const page = await context.newPage();
  const outside: string[] = [];
  const errors: string[] = [];
  page.on('request', (request) => {
    const url = request.url();
    const own = url.startsWith(origin) || url.startsWith(origin.replace('http', 'ws'));
    if (!own && !url.startsWith('blob:') && !url.startsWith('data:')) outside.push(url);
  });
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text());
  });
  return { page, outside, errors };
}

/** Keeps a picture when SCREENSHOTS names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder === undefined || folder === '') return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`) });
}

export async function logIn(page: Page, user: string, password: string): Promise<void> {
  await page.goto('/login');
  await page.locator('input[autocomplete="username"]').fill(user);
  await page.locator('input[autocomplete="current-password"]').fill(password);
  await page.locator('button[type="submit"]').click();
  await page.locator('.topbar').waitFor();
}
