/** What holds for every page: accessible, Chinese in our own font, nothing from outside, marked demo. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { logIn, picture } from './browser.ts';
import { expectClean, onPage, onStage, type Stage, violations } from './stage.ts';

interface Case {
  readonly name: string;
  readonly open: (on: Stage, page: Page) => Promise<void>;
  readonly exclude?: readonly string[];
  readonly expected?: RegExp;
}

const settle = (page: Page) => page.waitForTimeout(400);

const PAGES: readonly Case[] = [
  {
    name: 'log-in',
    open: async (_on, page) => {
      await page.goto('/login');
      await page.locator('.login-form').waitFor();
    },
    expected: /401/,
  },
  {
    name: 'inbox',
    open: async (on, page) => {
      await logIn(page, on.department.user, on.department.secret);
      await page.getByTestId('card-panel').locator('.mini').waitFor();
    },
  },
  {
    name: 'case',
    open: async (on, page) => {
      await logIn(page, 'bureau', on.secret('bureau'));
      await page.getByTestId('card-panel').locator('header a').click();
      await page.getByTestId('bill').waitFor();
    },
  },
  {
    name: 'wall',
    open: async (on, page) => {
      await page.goto(`/wall?token=${on.secret('wall')}`);
      await page.getByTestId('figure-open').waitFor();
    },
    exclude: ['canvas'],
  },
  {
    name: 'rules',
    open: async (on, page) => {
      await logIn(page, 'author', on.secret('author'));
      await page.locator('.rules tbody tr').first().waitFor();
    },
  },
  {
    name: 'status',
    open: async (on, page) => {
      await logIn(page, 'operator', on.secret('operator'));
      await page.getByRole('link', { name: '系统状态' }).click();
      await page.getByTestId('balanced').waitFor();
      await page.locator('.letters li').first().waitFor();
    },
  },
];

onStage('every page', (stage) => {
  for (const { name, open, exclude, expected } of PAGES) {
    onPage(
      `${name}: no accessibility violation, nothing outside, nothing blocked`,
      stage,
      async (on) => {
        const watched = await on.page();
        await open(on, watched.page);
        await settle(watched.page);
        await picture(watched.page, `page-${name}`);
        expect(await violations(watched.page, exclude)).toEqual([]);
        expectClean(watched, expected);
      },
    );
  }

  for (const { name, open } of PAGES.filter((one) => one.name !== 'log-in')) {
    onPage(`${name}: marked as demonstration data`, stage, async (on) => {
      const { page } = await on.page();
      await open(on, page);
      expect(await page.getByTestId('demo').first().textContent()).toContain('演示数据');
    });
  }

  onPage('Chinese is drawn in the font of our own origin, rare names too', stage, async (on) => {
    const { page } = await on.page();
    const fonts: string[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.woff2') && response.ok()) fonts.push(response.url());
    });
    await page.goto('/login');
    await page.locator('.login-form').waitFor();
    await page.evaluate('document.fonts.ready.then(() => null)');
    expect(fonts.length).toBeGreaterThan(2);
    expect(fonts.filter((url) => !url.startsWith(on.origin))).toEqual([]);
    const loaded = `document.fonts.check('16px "Noto Sans SC Variable"', '监察')`;
    expect(await page.evaluate(loaded)).toBe(true);
    const family = await page.evaluate('getComputedStyle(document.body).fontFamily');
    expect(String(family)).toMatch(/^"?Noto Sans SC Variable/);
  });

  onPage('a phone shows the inbox and a card without scrolling sideways', stage, async (on) => {
    const watched = await on.page({ viewport: { width: 390, height: 844 } });
    const { page } = watched;
    await logIn(page, on.department.user, on.department.secret);
    await page.locator('.stack-card').first().waitFor();
    await picture(page, 'phone-inbox');
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width).toBe(390);
    await page.locator('.stack-card').first().click();
    await page.getByTestId('card-panel').waitFor();
    await settle(page);
    await picture(page, 'phone-card');
    expect(await violations(page)).toEqual([]);
    expectClean(watched);
  });
});

onStage('the log-in', (stage) => {
  const attempt = async (page: Page, user: string, password: string): Promise<void> => {
    await page.locator('input[autocomplete="username"]').fill(user);
    await page.locator('input[autocomplete="current-password"]').fill(password);
    await page.locator('button[type="submit"]').click();
  };

  onPage(
    'says that user or password is wrong, and after too many attempts how long to wait',
    stage,
    async (on) => {
      const { page } = await on.page();
      await page.goto('/login');
      await attempt(page, on.department.user, 'not-the-password');
      await page.getByText('账号或密码不对').waitFor();
      await picture(page, 'login-wrong');
      for (let tries = 0; tries < 12; tries += 1) {
        if (await page.getByText('尝试次数过多').isVisible()) break;
        const answer = page.waitForResponse('**/api/v1/session');
        await page.locator('button[type="submit"]').click();
        await answer;
        await settle(page);
      }
      await page.getByText('尝试次数过多').waitFor();
      await picture(page, 'login-limited');
    },
  );
});
