/**
 * The closed lists of the contract: words that the server and the browser both know by name.
 *
 * Part of contract.ts, which hands them on; nobody imports this file but its parts. Imports nothing.
 */

export const CARD_STATES = [
  'provisional', // 暂定
  'issued', // 已发牌
  'acknowledged', // 已签收
  'answered', // 已反馈
  'accepted', // 已认可
  'rejected', // 已退回
  'closed', // 已办结
  'withdrawn', // 已撤销
  'revoked', // 已撤牌
  'escalated', // 已升级
  'reopened', // 再监察
] as const;

export const CARD_OPS = [
  'raised',
  'moved',
  'withdrawn',
  'restored',
  'acknowledged',
  'answered',
  'issued',
  'escalated',
  'accepted',
  'rejected',
  'closed',
  'reopened',
  'revokeProposed',
  'revoked',
  'revokeKept',
] as const;

export const RULE_KINDS = ['clock', 'check', 'sequence', 'cardClock'] as const;

/** What a reviewer does with a card (再监察). */
export const REVIEW_ACTS = [
  'accept', // 认可
  'reject', // 退回
  'close', // 办结
  'reopen', // 再监察
  'proposeRevoke', // 提请撤牌
  'revoke', // 撤牌, by somebody else than who proposed it
  'keep', // 维持
] as const;

export const ANSWER_CATEGORIES = ['confirmed', 'objective', 'mistaken', 'transfer'] as const;

export const CARD_CATEGORIES = [
  'deadline',
  'procedure',
  'material',
  'fee',
  'data',
  'supervision',
] as const;

export const CARD_ORDERS = ['worst', 'newest'] as const;

/** 角色. What each may do is policy/policy.ts; the browser reads `Session.actions`. */
export const ROLES = [
  'bureau', // 市监察局
  'district', // 区监察
  'department', // 部门监察岗
  'author', // 规则编制
  'operator', // 运维
  'source', // 数据来源 (API key)
  'wall', // 大屏 (read-only token)
] as const;

export const ACTIONS = [
  'session.open',
  'session.read',
  'session.close',
  'events.submit',
  'cards.read',
  'cards.handle',
  'cards.review',
  'cards.export',
  'cases.read',
  'wall.read',
  'live.connect',
  'rules.read',
  'rules.publish',
  'calendar.read',
  'notices.publish',
  'packs.preview',
  'previews.read',
  'pack.read',
  'balance.read',
  'deadLetters.read',
  'digest.read',
  'limits.read',
  'health.read',
  'health.detail',
  'metrics.read',
  'openapi.read',
] as const;

export type Role = (typeof ROLES)[number];
export type Action = (typeof ACTIONS)[number];
