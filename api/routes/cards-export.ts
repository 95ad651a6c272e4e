/**
 * Cards as CSV for spreadsheets: same filters and scope as the list, streamed page by page so that
 * neither side holds the whole.
 *
 * Invariants
 * X1  Cells that a spreadsheet would take for a formula get a leading apostrophe.
 * X2  The first row says what the file covers: scope, filters, rule pack, time of the export.
 * X3  A reader who goes away ends the work.
 */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { apiLimits } from '../../engine/config/limits.ts';
import type { CardView, Scope } from '../../engine/facade.ts';
import { API_PATHS, CardsExportQuery, ErrorBody } from '../contract.ts';
import { DoorError } from '../errors.ts';
import { type Call, type Route, route } from '../route.ts';
import { cardQueryOf } from './cards.ts';

type Column = readonly [
  heading: string,
  cell: (card: CardView, timeOf: (ms: number) => string) => string,
];

const COLUMNS: readonly Column[] = [
  ['牌编号', (card) => card.cardId],
  ['级别', (card) => card.level],
  ['状态', (card) => card.state],
  ['版本', (card) => String(card.version)],
  ['办件编号', (card) => card.caseKey],
  ['事项', (card) => card.itemName.zh],
  ['单位编码', (card) => card.organ],
  ['单位', (card) => card.organName.zh],
  ['区划', (card) => card.territory],
  ['规则', (card) => card.ruleName.zh],
  ['规则编号', (card) => card.ruleId],
  ['类别', (card) => card.category],
  ['说明', (card) => card.title.zh],
  ['应办结时间', (card, timeOf) => timeOf(card.dueMs)],
  ['发牌时间', (card, timeOf) => timeOf(card.raisedAtMs)],
  ['反馈期限', (card, timeOf) => (card.replyDueMs === null ? '' : timeOf(card.replyDueMs))],
  ['暂定', (card) => (card.provisional ? '是' : '')],
  ['核实结论', (card) => card.answerCategory ?? ''],
  ['反馈内容', (card) => card.answerText ?? ''],
];

export function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(value: string): string {
  const guarded = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** Local time of the deployment's zone, sortable. */
function localTime(zone: string): (ms: number) => string {
  const format = new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  });
  return (ms) => format.format(ms);
}

export function scopeSentence(scope: Scope): string {
  if (scope.organs === null && scope.territories === null) return '全部单位';
  const organs = scope.organs === null ? '全部单位' : `单位 ${scope.organs.join('、')}`;
  return scope.territories === null ? organs : `${organs}，区划 ${scope.territories.join('、')}`;
}

type ExportCall = Call<CardsExportQuery, unknown>;

function page(call: ExportCall, offset: number) {
  const { engine, query, scope } = call;
  const limit = apiLimits.exportPageRows;
  return engine.cards(cardQueryOf(query, { limit, offset }, 'newest'), scope);
}

async function* lines(call: ExportCall, first: Awaited<ReturnType<typeof page>>) {
  const { engine, query, scope } = call;
  const pack = engine.pack();
  const timeOf = localTime(pack.zone);
  const filters = new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]));
  const note = [
    `# 范围：${scopeSentence(scope)}`,
    `筛选：${filters.size === 0 ? '无' : filters}`,
    `规则包：${pack.id} 第 ${pack.version} 版`,
    `导出时间：${timeOf(Date.now())}`,
    ...(pack.demo ? ['演示数据'] : []),
  ];
  yield `\uFEFF${csvRow(note)}${csvRow(COLUMNS.map(([heading]) => heading))}`;
  const written = new Set<string>();
  for (let offset = 0, now = first; now.cards.length > 0; ) {
    let text = '';
    for (const card of now.cards) {
      // Cards that arrive meanwhile shift the pages: nobody is written twice.
      if (written.has(card.cardId)) continue;
      written.add(card.cardId);
      text += csvRow(COLUMNS.map(([, cell]) => cell(card, timeOf)));
    }
    yield text;
    offset += now.cards.length;
    if (offset >= now.total || offset >= apiLimits.exportRowsMax) return;
    now = await page(call, offset);
  }
}

async function exportCards(call: ExportCall): Promise<null> {
  const { res, engine } = call;
  const first = await page(call, 0);
  if (first.total > apiLimits.exportRowsMax) {
    throw new DoorError('RANGE_TOO_WIDE', { limit: apiLimits.exportRowsMax });
  }
  const name = `cards-${localTime(engine.pack().zone)(Date.now()).slice(0, 10)}.csv`;
  res.setHeader('Content-Type', 'text/csv; charset=utf-8');
  res.setHeader('Content-Disposition', `attachment; filename="${name}"`);
  await pipeline(Readable.from(lines(call, first)), res);
  return null;
}

export const cardExportRoutes: readonly Route[] = [
  route<CardsExportQuery>({
    method: 'get',
    path: API_PATHS.cardsExport,
    action: 'cards.export',
    summary: '导出牌 (CSV) / Cards as CSV, same filters and scope',
    query: CardsExportQuery,
    replies: {
      200: 'text/csv',
      400: ErrorBody,
      401: ErrorBody,
      403: ErrorBody,
      422: ErrorBody,
    },
    handle: exportCards,
  }),
];
