/**
 * The two ways an import goes wrong. An `ImportError` stops it before anything is submitted. A
 * `RowProblem` refuses one record: it is counted by code and listed, and the good rows go on.
 */
import { CatalogueError, type ErrorCode, type ErrorParams } from '../base/errors.ts';

export interface ImportErrorMore {
  readonly details?: readonly string[];
  readonly cause?: unknown;
}

export class ImportError extends CatalogueError {
  override name = 'ImportError';
  /** Every single problem, where there can be several. */
  readonly details: readonly string[];

  constructor(code: ErrorCode, params: ErrorParams = {}, more: ImportErrorMore = {}) {
    super(code, params);
    this.details = more.details ?? [];
    if (more.cause !== undefined) this.cause = more.cause;
  }
}

export class RowProblem extends CatalogueError {
  override name = 'RowProblem';
}

/** One record that was refused, as the report lists it. */
export interface RefusedRow {
  /** For people: `row 17`, or `trace 3 (case-10011), event 2`. */
  readonly where: string;
  readonly code: ErrorCode;
  readonly message: string;
  readonly messageEn: string;
}
