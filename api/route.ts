/**
 * What a door is: one row of the route table. The same rows serve requests, are checked by the policy
 * test and become the OpenAPI page, so a route cannot exist without an action and a schema.
 */
import type { Request, Response } from 'express';
import type { Engine, Scope } from '../engine/facade.ts';
import type { Access, Caller } from './auth/access.ts';
import type { SessionRecord } from './auth/access-store.ts';
import type { CommandMemory } from './command-memory.ts';
import type { Action, Named } from './contract.ts';
import type { ApiMetrics } from './metrics.ts';
import type { Principal } from './policy/policy.ts';

export interface Services {
  readonly engine: Engine;
  readonly access: Access;
  readonly metrics: ApiMetrics;
  readonly commands: CommandMemory;
  /** Named on every change as the origin that is allowed beside our own. */
  readonly allowedOrigins: readonly string[];
  /** Cookies are `Secure` even when the last hop is plain. */
  readonly https: boolean;
}

export interface Call<Q, B> {
  readonly services: Services;
  readonly engine: Engine;
  readonly principal: Principal;
  readonly session: SessionRecord | null;
  readonly scope: Scope;
  readonly query: Q;
  readonly body: B;
  readonly params: Readonly<Record<string, string>>;
  readonly requestId: string;
  /** The peer's address, or the one a trusted proxy names. */
  readonly address: string;
  readonly secure: boolean;
  readonly req: Request;
  readonly res: Response;
}

export interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface RouteOf<Q, B> {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly action: Action;
  /** One line for the OpenAPI page. */
  readonly summary: string;
  readonly query?: Named<Q>;
  /** A schema: read, parsed and checked before `handle`. `'raw'`: the handler reads it. */
  readonly body?: Named<B> | 'raw';
  readonly bodyBytesMax?: number;
  /** Status → schema, or a media type when the body is not JSON, or null when there is none. */
  readonly replies: Readonly<Record<number, Named<unknown> | string | null>>;
  /** Answers NOT_READY until the engine is. Default true. */
  readonly needsEngine?: boolean;
  /** Opens or ends a session: no CSRF token can be asked of somebody who has none yet. */
  readonly withoutCsrf?: boolean;
  /** Asked beside the policy when the role alone does not allow (e.g. loopback for metrics). */
  readonly alsoAllows?: (req: Request, caller: Caller) => boolean;
  /** Null: the handler has answered by itself. */
  readonly handle: (call: Call<Q, B>) => Promise<Reply | null> | Reply;
}

export type Route = RouteOf<unknown, unknown>;

/** Infers query and body from their schemas, then forgets them: the table is of one type. */
export function route<Q = unknown, B = unknown>(definition: RouteOf<Q, B>): Route {
  return definition as unknown as Route;
}
