/** Only a path of this site: an address from outside must not be opened after a log-in. */
export function safeNext(next: string | null): string {
  return next !== null && /^\/(?![/\\])/.test(next) ? next : '/';
}
