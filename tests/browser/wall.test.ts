/** The wall in a browser: live numbers, falling cards, running countdowns, and honesty when cut off. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { picture } from './browser.ts';
import { expectClean, onPage, onStage, type Stage } from './stage.ts';

const HD = { viewport: { width: 1920, height: 1080 } };
const UHD = { viewport: { width: 3840, height: 2160 } };

async function openWall(on: Stage, page: Page): Promise<void> {
  await page.goto(`/wall?token=${on.secret('wall')}`);
  await page.getByTestId('figure-open').waitFor();
}

function figure(page: Page, id: string) {
  return page.getByTestId(`figure-${id}`).locator('.figure-value');
}

onStage('the wall', (stage) => {
  onPage('opens with its token and shows the engine’s own numbers', stage, async (on) => {
    const watched = await on.page(HD);
    const { page } = watched;
    await openWall(on, page);
    expect(new URL(page.url()).search).toBe('');
    const summary = await on.engine.summary({ organs: null, territories: null });
    expect(await figure(page, 'open').textContent()).toBe(String(summary.counts.open));
    expect(await figure(page, 'red').textContent()).toBe(String(summary.counts.cards.red));
    const notes = await page.getByTestId('figure-open').textContent();
    expect(notes).toContain(`无法计算 ${summary.counts.uncomputable}`);
    expect(await page.locator('.press').count()).toBe(summary.pressing.length);
    await page.locator('.hourly canvas').waitFor();
    await picture(page, 'wall-1080p');
    expectClean(watched);
  });

  onPage('turns away a wrong token without a log-in box', stage, async (on) => {
    const { page } = await on.page(HD);
    await page.goto('/wall#token=mck_not-a-token-at-all');
    await page.getByText('还没有配对').waitFor();
    expect(await page.locator('input').count()).toBe(0);
  });

  onPage('opens with the bureau’s session', stage, async (on) => {
    const { page } = await on.page(HD);
    await page.goto('/login?next=/wall');
    await page.locator('input[autocomplete="username"]').fill('bureau');
    await page.locator('input[autocomplete="current-password"]').fill(on.secret('bureau'));
    await page.locator('button[type="submit"]').click();
    await page.getByTestId('figure-open').waitFor();
  });

  onPage('lets a card fall live', stage, async (on) => {
    const { page } = await on.page(HD);
    await openWall(on, page);
    const red = Number(await figure(page, 'red').textContent());
    const card = on.engine.raise(undefined, 'red');
    await page.locator(`[data-card="${card.cardId}"]`).waitFor({ timeout: 3_000 });
    const first = page.getByTestId('latest').locator('li').first();
    expect(await first.getAttribute('data-card')).toBe(card.cardId);
    const redValue = page.locator('[data-testid="figure-red"] .figure-value');
    await expect.poll(() => redValue.textContent(), { timeout: 10_000 }).toBe(String(red + 1));
  });

  onPage('counts down and carries the time on by itself', stage, async (on) => {
    const { page } = await on.page(HD);
    await openWall(on, page);
    const read = async () => (await page.getByTestId('wall-time').textContent()) ?? '';
    const before = await read();
    expect(before).toMatch(/^\d\d:\d\d:\d\d$/);
    await page.waitForTimeout(2_200);
    expect(await read()).not.toBe(before);
    const texts = await page.locator('.press-time').allTextContents();
    const readings =
      /^(超 )?(\d+时\d\d分|\d\d:\d\d)$|^[剩超] \d+ (工作日|天)$|^(暂停计时|无法计算)$/;
    expect(texts.filter((text) => !readings.test(text))).toEqual([]);
  });

  onPage('says within three seconds that it is cut off, and recovers', stage, async (on) => {
    const { page } = await on.page(HD);
    await openWall(on, page);
    const again = await on.cut();
    const banner = page.getByRole('alert');
    await banner.waitFor({ timeout: 3_000 });
    expect(await banner.textContent()).toMatch(/^断线\uff0c以下为 \d\d:\d\d:\d\d 的数据$/);
    await picture(page, 'wall-cut');
    const missed = on.engine.raise(undefined, 'red');
    await again();
    await banner.waitFor({ state: 'detached', timeout: 15_000 });
    await page.locator(`[data-card="${missed.cardId}"]`).waitFor();
  });

  onPage('shows the same picture at 1080p and at 4K', stage, async (on) => {
    const boxes = async (size: typeof HD) => {
      const { page } = await on.page(size);
      await openWall(on, page);
      await page.evaluate('document.fonts.ready.then(() => null)');
      const scale = size.viewport.width / 1920;
      const found: number[] = [];
      for (const name of ['.wall-numbers', '.panel-tiles', '.panel-pressing', '.panel-strip']) {
        const box = await page.locator(name).boundingBox();
        for (const side of [box?.x, box?.y, box?.width, box?.height]) {
          found.push(Math.round((side ?? 0) / scale));
        }
      }
      await picture(page, `wall-${size.viewport.width}`);
      return found;
    };
    const small = await boxes(HD);
    const large = await boxes(UHD);
    const apart = small.map((side, index) => Math.abs(side - (large[index] ?? 0)));
    expect(Math.max(...apart)).toBeLessThanOrEqual(1);
  });

  onPage(
    'keeps every panel inside the screen and every text at 16 px or more',
    stage,
    async (on) => {
      const { page } = await on.page(HD);
      await openWall(on, page);
      await page.locator('.hourly canvas').waitFor();
      const bad = await page.evaluate(`(() => {
      const found = [];
      for (const element of document.querySelectorAll('.wall *')) {
        const box = element.getBoundingClientRect();
        if (box.width === 0 || element.closest('svg') || element.matches('.provisional')) continue;
        if (box.right > 1921 || box.bottom > 1081) found.push('outside: ' + element.className);
        const text = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim() !== '');
        if (text && parseFloat(getComputedStyle(element).fontSize) < 15.9) {
          found.push('small: ' + element.textContent);
        }
      }
      return found;
    })()`);
      expect(bad).toEqual([]);
    },
  );
});
