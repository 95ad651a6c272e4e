/** The policy: a separate oracle of who may do what, every route declared, scopes that deny by default. */
import { describe, expect, test } from 'vitest';
import { createApp, routeTable } from '../../../api/app.ts';
import { ACTIONS, type Action, ROLES } from '../../../api/contract.ts';
import {
  actionsOf,
  allows,
  inScope,
  type Principal,
  type RoleOrNobody,
  roomOf,
  scopeOf,
} from '../../../api/policy/policy.ts';

const ALL_ROLES: readonly RoleOrNobody[] = [...ROLES, 'anonymous'];

/** Written from the table of rights in words, not from the code: one letter a role, in ROLES' order. */
const ORACLE: Readonly<Record<Action, string>> = {
  //                  bureau district department author operator source wall anonymous
  'session.open': '++++++++',
  'session.read': '+++++-+-',
  'session.close': '+++++-+-',
  'events.submit': '-----+--',
  'cards.read': '+++-----',
  'cards.handle': '-++-----',
  'cards.review': '+-------',
  'cards.export': '+++-----',
  'cases.read': '+++-----',
  'wall.read': '+++---+-',
  'live.connect': '+++---+-',
  'rules.read': '+++++---',
  'rules.publish': '----+---',
  'calendar.read': '+++++---',
  'notices.publish': '----+---',
  'packs.preview': '+--++---',
  'previews.read': '+--++---',
  'pack.read': '+++++-+-',
  'balance.read': '+---+---',
  'deadLetters.read': '----+---',
  'digest.read': '+---+---',
  'limits.read': '++++++++',
  'health.read': '++++++++',
  'health.detail': '+---+---',
  'metrics.read': '----+---',
  'openapi.read': '++++++++',
};

function who(role: RoleOrNobody, changes: Partial<Principal> = {}): Principal {
  const label = { zh: '', en: '' };
  return { kind: 'session', name: 'x', role, label, organs: null, territories: null, ...changes };
}

describe('rights', () => {
  test.each(ACTIONS)('%s is for exactly those the table of rights names', (action) => {
    const row = ALL_ROLES.map((role) => (allows(role, action) ? '+' : '-')).join('');
    expect(row).toBe(ORACLE[action]);
  });

  test('what the browser is told is what is allowed', () => {
    for (const role of ALL_ROLES) {
      expect(actionsOf(role)).toEqual(ACTIONS.filter((action) => allows(role, action)));
    }
  });

  test('an unknown action or role is refused', () => {
    expect(allows('bureau', 'cards.delete' as Action)).toBe(false);
    expect(allows('root' as RoleOrNobody, 'cards.read')).toBe(false);
  });

  test('nobody who is not logged in reads anything of cards or cases', () => {
    const open = ACTIONS.filter((action) => allows('anonymous', action));
    expect(open).toEqual(['session.open', 'limits.read', 'health.read', 'openapi.read']);
  });
});

describe('routes', () => {
  const table = routeTable();

  test('every route of the table declares an action of the policy', () => {
    expect(table.length).toBeGreaterThan(20);
    for (const route of table) expect(ACTIONS).toContain(route.action);
  });

  test('the running app answers no API path that is not in the table', () => {
    const app = createApp({} as never, { access: {} as never, log: {} as never });
    const served = app.router.stack.flatMap(({ route }) =>
      route === undefined ? [] : [route.path],
    );
    expect(new Set(served)).toEqual(new Set(table.map((route) => route.path)));
  });

  test('no two routes share method and path', () => {
    const names = table.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(names).size).toBe(names.length);
  });

  test('every change is a POST or DELETE, and only log-in goes without the anti-forgery token', () => {
    const reading: Action[] = ACTIONS.filter((action) => /\.(read|export|detail)$/.test(action));
    for (const { method, action, withoutCsrf } of table) {
      expect(reading.includes(action)).toBe(method === 'get');
      expect(withoutCsrf ?? false).toBe(action === 'session.open');
    }
  });
});

describe('scopes', () => {
  const row = { organ: 'ZJ', territory: '990100' };

  test('bureau: all; department: its organs; district: its territory; others: nothing', () => {
    expect(scopeOf(who('bureau', { organs: ['ZJ'] }))).toEqual({ organs: null, territories: null });
    expect(scopeOf(who('department', { organs: ['ZJ'] }))).toEqual({
      organs: ['ZJ'],
      territories: null,
    });
    expect(scopeOf(who('district', { territories: ['990102'] }))).toEqual({
      organs: null,
      territories: ['990102'],
    });
    expect(scopeOf(who('source'))).toEqual({ organs: [], territories: [] });
    expect(scopeOf(who('anonymous'))).toEqual({ organs: [], territories: [] });
  });

  test('a department or district without its list sees nothing, never all', () => {
    expect(inScope(scopeOf(who('department')), row)).toBe(false);
    expect(inScope(scopeOf(who('district')), row)).toBe(false);
  });

  test('both limits hold together', () => {
    const scope = { organs: ['ZJ'], territories: ['990102'] };
    expect(inScope(scope, row)).toBe(false);
    expect(inScope(scope, { organ: 'ZJ', territory: '990102' })).toBe(true);
    expect(inScope({ organs: null, territories: null }, row)).toBe(true);
    expect(inScope({ organs: [], territories: null }, row)).toBe(false);
  });

  test('a room is named by the scope, whatever order it was written in', () => {
    expect(roomOf({ organs: null, territories: null })).toBe('all');
    expect(roomOf({ organs: ['ZR', 'ZJ'], territories: null })).toBe('organ:ZJ+ZR');
    expect(roomOf({ organs: ['ZJ', 'ZR'], territories: null })).toBe('organ:ZJ+ZR');
    expect(roomOf({ organs: null, territories: ['1'] })).toBe('territory:1');
    expect(roomOf({ organs: ['ZJ'], territories: ['1'] })).toBe('organ:ZJ&territory:1');
    expect(roomOf({ organs: [], territories: [] })).not.toBe('all');
  });
});
