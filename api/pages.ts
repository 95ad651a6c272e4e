/**
 * The browser's files: `dashboards/dist` as built, and the one page for every address of the console.
 *
 * Owns: caching, the nonce of the page, the wall token in an address (exchanged at once and taken out of
 * the address). Does not own: what the pages do.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import express, { type Request, type Response, type Router } from 'express';
import type { Access } from './auth/access.ts';
import { sha256 } from './auth/access-store.ts';
import { sessionCookie, sessionIdOf } from './auth/cookies.ts';

/** Addresses that are the page itself (history fallback); everything else must be a file. */
export const PAGE_PATHS = [
  '/',
  '/login',
  '/wall',
  '/inbox',
  '/case/*key',
  '/rules',
  '/status',
] as const;

const NOT_BUILT = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>明察</title>
<p>页面尚未构建；请运行 npm run build。 The pages are not built; run npm run build.</p></html>`;

export function pagesRouter(dashboardsDir: string, access: Access, https: boolean): Router {
  const router = express.Router();
  const page = new IndexPage(join(dashboardsDir, 'index.html'));
  router.get('/wall', (req, res, next) => {
    if (new URL(req.url, 'http://localhost').searchParams.has('token')) {
      exchangeToken(req, res, access, https || req.secure);
    } else next();
  });
  router.get([...PAGE_PATHS], (_req, res) => {
    res.setHeader('Cache-Control', 'no-store');
    res.type('html').send(page.html(String(res.locals.nonce)));
  });
  router.use(
    '/assets',
    express.static(join(dashboardsDir, 'assets'), { immutable: true, maxAge: '1y', index: false }),
  );
  router.use(express.static(dashboardsDir, { index: false, maxAge: '1h' }));
  return router;
}

/** `/wall?token=…` → cookie and `/wall`. A session that is already there stays as it is. */
function exchangeToken(req: Request, res: Response, access: Access, secure: boolean): void {
  const { searchParams } = new URL(req.url, 'http://localhost');
  const token = searchParams.get('token') ?? '';
  searchParams.delete('token');
  const id = sessionIdOf(req.headers, secure);
  if (id === '' || access.store.session(sha256(id)) === null) {
    const opened = access.openWall(token, req.ip ?? '');
    const cookie = sessionCookie(opened.id, secure, opened.session.expiresAtMs);
    res.setHeader('Set-Cookie', cookie);
  }
  res.setHeader('Cache-Control', 'no-store');
  const rest = searchParams.size === 0 ? '' : `?${searchParams}`;
  res.redirect(303, `/wall${rest}`);
}

/** Read again when the build has changed, so that a rebuild needs no restart. */
class IndexPage {
  readonly #path: string;
  #readAtMs = -1;
  #text = NOT_BUILT;

  constructor(path: string) {
    this.#path = path;
  }

  html(nonce: string): string {
    if (existsSync(this.#path)) {
      const { mtimeMs } = statSync(this.#path);
      if (mtimeMs !== this.#readAtMs) this.#text = readFileSync(this.#path, 'utf8');
      this.#readAtMs = mtimeMs;
    }
    return this.#text.replaceAll('__CSP_NONCE__', nonce);
  }
}
