/** The inbox in a browser: what a department supervisor does every morning. */
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { logIn, picture } from './browser.ts';
import { expectClean, onPage, onStage, type Stage } from './stage.ts';

const ALL = { organs: null, territories: null };

async function logInDepartment(on: Stage, page: Page): Promise<void> {
  await logIn(page, on.department.user, on.department.secret);
}

onStage('the inbox of a department supervisor', (stage) => {
  onPage('the rules page names the notices in force and what is provisional', stage, async (on) => {
    const { page } = await on.page();
    await logInDepartment(on, page);
    await page.goto(`${on.origin}/rules`);
    const link = page.getByRole('link', { name: '国办发明电〔2025〕7号' });
    await link.waitFor();
    expect(await link.getAttribute('href')).toBe('https://example.test/2026');
    const section = page.getByRole('region', { name: '现行放假通知' });
    expect(await section.innerText()).toMatch(/暂定期限 \d+ 件；无法计算 \d+ 件/);
    await section.scrollIntoViewIfNeeded();
    await picture(page, 'rules-calendar');
  });

  onPage('opens after log-in and shows only the department’s own cards', stage, async (on) => {
    const watched = await on.page();
    const { page } = watched;
    await logInDepartment(on, page);
    await page.locator('.card-table .row').first().waitFor();
    const own = on.engine
      .allCards()
      .filter((card) => card.organ === on.department.organ && card.state === 'issued');
    expect(Number(await page.getByTestId('total').textContent())).toBe(own.length);
    const keys = new Set(own.map((card) => card.caseKey));
    const shown = await page.locator('.card-table .row .two-lines .quiet .num').allTextContents();
    expect(shown.length).toBeGreaterThan(5);
    expect(shown.filter((key) => !keys.has(key))).toEqual([]);
    await picture(page, 'inbox');
    expectClean(watched);
  });

  onPage('puts the worst cards first', stage, async (on) => {
    const { page } = await on.page();
    await logInDepartment(on, page);
    await page.locator('.card-table .row').first().waitFor();
    expect(await page.locator('.card-table .row .chip').first().textContent()).toContain('红牌');
  });

  onPage('gives the reason as a sentence with its numbers', stage, async (on) => {
    const { page } = await on.page();
    await logInDepartment(on, page);
    await page.locator('.facet', { hasText: '黄牌' }).click();
    const rows = page.locator('.row', { hasText: '承诺时限' });
    await rows.filter({ hasText: '黄牌' }).first().click();
    await page.getByTestId('reason').filter({ hasText: '已用' }).waitFor();
    const reason = (await page.getByTestId('reason').textContent()) ?? '';
    expect(reason).toMatch(/承诺时限 \d+ 工作日\uff0c已用 \d+ 工作日/);
    expect(reason).toMatch(/。$/);
  });

  onPage('acknowledges a card and answers it from the keyboard', stage, async (on) => {
    const watched = await on.page();
    const { page } = watched;
    await logInDepartment(on, page);
    await page.getByTestId('card-panel').waitFor();
    await page.keyboard.press('j');
    const cardId = (await page.getByTestId('card-panel').getAttribute('data-card')) ?? '';
    await page.keyboard.press('a');
    await page.getByTestId('card-panel').getByText('已签收').waitFor();
    expect((await on.engine.card(cardId, ALL))?.state).toBe('acknowledged');
    await page.keyboard.press('2');
    await page.keyboard.type('申请人补正逾期,已电话催告。');
    await picture(page, 'inbox-form');
    await page.keyboard.press('Control+Enter');
    await page.getByText('反馈已送达').waitFor();
    const answered = await on.engine.card(cardId, ALL);
    expect(answered).toMatchObject({
      state: 'answered',
      answerCategory: 'objective',
      answerText: '申请人补正逾期,已电话催告。',
    });
    const next = await page.getByTestId('card-panel').getAttribute('data-card');
    expect(next).not.toBe(cardId);
    expectClean(watched);
  });

  onPage('shows a conflict and keeps what was typed', stage, async (on) => {
    const { page } = await on.page();
    // A page that hears nothing, as when two people act within one moment.
    await page.routeWebSocket(/socket\.io/, () => undefined);
    await logInDepartment(on, page);
    const panel = page.getByTestId('card-panel');
    await panel.waitFor();
    const cardId = (await panel.getAttribute('data-card')) ?? '';
    const card = await on.engine.card(cardId, ALL);
    await panel.locator('textarea').fill('已整改,附现场照片。');
    await panel.locator('.category').first().click();
    const acknowledge = {
      commandId: 'another-person-1',
      type: 'acknowledge' as const,
      caseKey: card?.caseKey ?? '',
      cardId,
      actor: '陈科长',
      expectedVersion: card?.version ?? 0,
    };
    expect((await on.engine.command(acknowledge, ALL)).outcome).toBe('applied');
    await panel.locator('button[type="submit"]').click();
    const conflict = page.getByTestId('conflict');
    await conflict.waitFor();
    expect(await conflict.textContent()).toContain('陈科长');
    expect(await panel.locator('textarea').inputValue()).toBe('已整改,附现场照片。');
    await picture(page, 'inbox-conflict');
    await panel.locator('button[type="submit"]').click();
    await page.getByText('反馈已送达').waitFor();
    expect(await on.engine.card(cardId, ALL)).toMatchObject({ answerText: '已整改,附现场照片。' });
  });

  onPage('announces a new card without moving anything', stage, async (on) => {
    const { page } = await on.page();
    await logInDepartment(on, page);
    await page.getByTestId('card-panel').waitFor();
    await page.locator('.handle textarea').fill('写到一半');
    const before = await page.locator('.card-table .row').allTextContents();
    on.engine.raise(on.department.organ, 'red');
    await page.getByTestId('fresh').waitFor();
    expect(await page.getByTestId('fresh').textContent()).toContain('1');
    expect(await page.locator('.card-table .row').allTextContents()).toEqual(before);
    expect(await page.locator('.handle textarea').inputValue()).toBe('写到一半');
    const total = Number(await page.getByTestId('total').textContent());
    await page.getByTestId('fresh').click();
    await page.getByTestId('fresh').waitFor({ state: 'detached' });
    const shown = page.getByTestId('total');
    await expect.poll(() => shown.textContent(), { timeout: 10_000 }).toBe(String(total + 1));
  });

  onPage('hears nothing of another department’s cards', stage, async (on) => {
    const { page } = await on.page();
    await logInDepartment(on, page);
    await page.getByTestId('card-panel').waitFor();
    on.engine.raise(on.otherOrgan.code, 'red');
    const own = on.engine.raise(on.department.organ, 'red');
    await page.getByTestId('fresh').waitFor();
    expect(await page.getByTestId('fresh').textContent()).toContain('1');
    expect(await page.locator('body').textContent()).not.toContain(on.otherOrgan.short);
    expect(own.organ).toBe(on.department.organ);
  });

  onPage('switches to English and back, and remembers it', stage, async (on) => {
    const { page } = await on.page();
    await logInDepartment(on, page);
    await page.getByTestId('lang').click();
    await page.getByRole('link', { name: 'Inbox' }).waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    await page.reload();
    await page.getByRole('link', { name: 'Inbox' }).waitFor();
    await page.getByTestId('card-panel').waitFor();
    await picture(page, 'inbox-en');
    await page.getByTestId('lang').click();
    await page.getByRole('link', { name: '收件箱' }).waitFor();
  });

  onPage('keeps its filter in the address', stage, async (on) => {
    const { page } = await on.page();
    await logInDepartment(on, page);
    await page.locator('.facet', { hasText: '红牌' }).click();
    await page.waitForURL(/level=red/);
    await page.reload();
    await page.locator('.card-table .row').first().waitFor();
    const chips = await page.locator('.card-table .row .chip').allTextContents();
    expect(chips.filter((chip) => chip !== '红牌')).toEqual([]);
  });

  onPage('shows what is the matter, and not an empty page, without a server', stage, async (on) => {
    const { page } = await on.page();
    await logInDepartment(on, page);
    const panel = page.getByTestId('card-panel');
    await panel.waitFor();
    const again = await on.cut();
    await page.locator('.cut-banner').waitFor({ timeout: 3_000 });
    await panel.locator('textarea').fill('断线时写的内容');
    await panel.locator('.category').first().click();
    await panel.locator('button[type="submit"]').click();
    await panel.getByText('没有送达').waitFor();
    expect(await panel.locator('textarea').inputValue()).toBe('断线时写的内容');
    await picture(page, 'inbox-cut');
    await page.getByRole('link', { name: '监察规则' }).click();
    await page.getByRole('button', { name: '重试' }).waitFor();
    expect(await page.locator('.topbar').isVisible()).toBe(true);
    await picture(page, 'page-failed');
    await again();
  });
});
