/**
 * Assertions state what only a bug can break. They stay on in production: a wrong card is worse than
 * a stopped partition. What the outside world can do wrong is validated and named in the catalogue
 * (errors.ts), never asserted.
 */
export class AssertionError extends Error {
  override name = 'AssertionError';
}

export function assert(condition: boolean, what: string): asserts condition {
  if (!condition) throw new AssertionError(`assertion failed: ${what}`);
}

export function unreachable(value: never, what: string): never {
  throw new AssertionError(`unreachable ${what}: ${String(value)}`);
}
