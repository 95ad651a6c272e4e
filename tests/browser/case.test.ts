/** The case page in a browser: the verdict, the clocks and the time bill. */

import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import type { CaseDetail } from '../../api/contract.ts';
import { logIn, picture } from './browser.ts';
import { expectClean, onPage, onStage, type Stage } from './stage.ts';

const ALL = { organs: null, territories: null };

async function detailOf(on: Stage, wanted: (detail: CaseDetail) => boolean): Promise<CaseDetail> {
  for (const kase of on.engine.cases) {
    const detail = await on.engine.caseDetail(kase.caseKey, ALL);
    if (detail !== null && wanted(detail)) return detail;
  }
  throw new Error('case.test: the invented city has no such case');
}

async function openCase(on: Stage, page: Page, caseKey: string): Promise<void> {
  await logIn(page, 'bureau', on.secret('bureau'));
  await page.goto(`/case/${caseKey}`);
  await page.locator('.case-title').waitFor();
}

onStage('the case page', (stage) => {
  onPage(
    'bills every day from the start, with its reason and its running count',
    stage,
    async (on) => {
      const detail = await detailOf(
        on,
        (one) => one.ledger.length > 0 && (one.clocks[0]?.bill.length ?? 0) > 12,
      );
      const clock = detail.clocks[0];
      const watched = await on.page();
      const { page } = watched;
      await openCase(on, page, detail.caseKey);
      const bill = page.getByTestId('bill');
      await bill.waitFor();
      expect(await bill.locator('.day:not(.day-none)').count()).toBe(clock?.bill.length);
      const counted = clock?.bill.filter((day) => day.counted) ?? [];
      expect(await bill.locator('.day-count').allTextContents()).toEqual(
        counted.map((day) => String(day.used)),
      );
      const suspended = clock?.bill.filter((day) => day.reason === 'suspended') ?? [];
      expect(suspended.length).toBeGreaterThan(0);
      expect(await bill.locator('.month .day-suspended').count()).toBe(suspended.length);
      await picture(page, 'case');
      await bill.locator('.choice label', { hasText: '表格' }).click();
      expect(await bill.locator('.bill-table tbody tr').count()).toBe(clock?.bill.length);
      await picture(page, 'case-table');
      expectClean(watched);
    },
  );

  onPage('says in one line how far an overdue case is over', stage, async (on) => {
    const detail = await detailOf(on, (one) => {
      const clock = one.clocks[0];
      return clock?.state === 'expired' && (clock.remaining ?? 0) <= -3;
    });
    const { page } = await on.page();
    await openCase(on, page, detail.caseKey);
    const verdict = (await page.getByTestId('verdict').textContent()) ?? '';
    const over = Math.abs(detail.clocks[0]?.remaining ?? 0);
    expect(verdict).toContain(`超 ${over} 工作日`);
    expect(verdict).toContain(`已用 ${detail.clocks[0]?.used}`);
    await picture(page, 'case-over');
  });

  onPage('shows what cannot be computed as a state and guesses nothing', stage, async (on) => {
    const detail = await detailOf(on, (one) => one.clocks[0]?.state === 'uncomputable');
    const { page } = await on.page();
    await openCase(on, page, detail.caseKey);
    expect(await page.getByTestId('verdict').textContent()).toContain('无法计算');
    await picture(page, 'case-uncomputable');
  });

  onPage('opens the stored record of an event', stage, async (on) => {
    const detail = await detailOf(on, (one) => one.events.length > 1);
    const { page } = await on.page();
    await openCase(on, page, detail.caseKey);
    await page.locator('.events .link').first().click();
    expect(await page.locator('.events .json').textContent()).toContain(detail.caseKey);
  });

  onPage('says so when a case is unknown or outside one’s rights', stage, async (on) => {
    const foreign = on.engine.cases.find((kase) => kase.organ === on.otherOrgan.code);
    const { page } = await on.page();
    await logIn(page, on.department.user, on.department.secret);
    await page.goto(`/case/${foreign?.caseKey}`);
    await page.getByText('没有这件').waitFor();
  });
});
