/**
 * Who may do what, and whose cards they see (law L6: one policy, every door).
 *
 * Owns: the table of roles and actions, the scope of a principal, and the test of one row against it.
 * Does not own: who somebody is (auth/*), how a door answers.
 *
 * Invariants
 * P1  Deny by default: an action or role not in the table is refused, a missing list means nothing.
 * P2  REST, export, counts and socket rooms use `allows`, `scopeOf` and `inScope` of this file only.
 * P3  Departments never lift a card, the bureau never answers for a department, so nobody accepts an
 *     answer of their own; whoever runs the system or writes rules reads no card and no case.
 */
import type { Scope } from '../../engine/facade.ts';
import type { Action, Role } from '../contract.ts';

export type RoleOrNobody = Role | 'anonymous';

export interface Principal {
  readonly kind: 'anonymous' | 'session' | 'key';
  readonly name: string;
  readonly role: RoleOrNobody;
  readonly label: { readonly zh: string; readonly en: string };
  /** As stored: null means all, and only for roles that may see all. */
  readonly organs: readonly string[] | null;
  readonly territories: readonly string[] | null;
}

const EVERYBODY = [
  'bureau',
  'district',
  'department',
  'author',
  'operator',
  'source',
  'wall',
  'anonymous',
] as const;
const PERSONS = ['bureau', 'district', 'department', 'author', 'operator'] as const;
const SUPERVISORS = ['bureau', 'district', 'department'] as const;

const TABLE: Readonly<Record<Action, readonly RoleOrNobody[]>> = {
  'session.open': EVERYBODY,
  'session.read': [...PERSONS, 'wall'],
  'session.close': [...PERSONS, 'wall'],
  'events.submit': ['source'],
  'cards.read': SUPERVISORS,
  'cards.handle': ['district', 'department'],
  'cards.review': ['bureau'],
  'cards.export': SUPERVISORS,
  'cases.read': SUPERVISORS,
  'wall.read': [...SUPERVISORS, 'wall'],
  'live.connect': [...SUPERVISORS, 'wall'],
  'rules.read': PERSONS,
  'rules.publish': ['operator'],
  'calendar.read': PERSONS,
  'notices.publish': ['operator'],
  'packs.preview': ['bureau', 'author', 'operator'],
  'previews.read': ['bureau', 'author', 'operator'],
  'pack.read': [...PERSONS, 'wall'],
  'balance.read': ['bureau', 'operator'],
  'deadLetters.read': ['operator'],
  'digest.read': ['bureau', 'operator'],
  'limits.read': EVERYBODY,
  'health.read': EVERYBODY,
  'health.detail': ['bureau', 'operator'],
  'metrics.read': ['operator'],
  'openapi.read': EVERYBODY,
};

export function allows(role: RoleOrNobody, action: Action): boolean {
  return TABLE[action]?.includes(role) ?? false;
}

export function actionsOf(role: RoleOrNobody): Action[] {
  return (Object.keys(TABLE) as Action[]).filter((action) => allows(role, action));
}

const NOTHING: Scope = { organs: [], territories: [] };

/**
 * What the principal's lists, counts and frames are limited to. Author and operator see numbers of the
 * whole city through `rules.read` and the like; the table above keeps cards and cases from them.
 */
export function scopeOf(principal: Principal): Scope {
  switch (principal.role) {
    case 'bureau':
    case 'author':
    case 'operator':
      return { organs: null, territories: null };
    case 'wall':
      return { organs: principal.organs, territories: principal.territories };
    case 'department':
      return { organs: principal.organs ?? [], territories: principal.territories };
    case 'district':
      return { organs: principal.organs, territories: principal.territories ?? [] };
    case 'source':
    case 'anonymous':
      return NOTHING;
  }
}

export function inScope(
  scope: Scope,
  row: { readonly organ: string; readonly territory: string },
): boolean {
  if (scope.organs !== null && !scope.organs.includes(row.organ)) return false;
  return scope.territories === null || scope.territories.includes(row.territory);
}

/** Name of the socket room of a scope: `all`, `organ:ZJ`, `territory:990102`, or both joined by `&`. */
export function roomOf(scope: Scope): string {
  const parts: string[] = [];
  if (scope.organs !== null) parts.push(`organ:${[...scope.organs].sort().join('+')}`);
  if (scope.territories !== null)
    parts.push(`territory:${[...scope.territories].sort().join('+')}`);
  return parts.length === 0 ? 'all' : parts.join('&');
}
