/**
 * What can go wrong with a log, by name. The message says what, in which file, and what to do; the code
 * is for programs.
 */
export type LogErrorCode =
  | 'LOG_IN_USE' // another process or thread has the file open
  | 'LOG_CORRUPT' // stored bytes do not match their checksum, or positions have a gap
  | 'LOG_FORMAT' // made by a newer version, or not a log at all
  | 'LOG_PARTITION' // made for another partition or another number of partitions
  | 'LOG_POSITION' // position outside the log
  | 'LOG_FULL' // no room on the disk; nothing was written, try again later
  | 'LOG_BROKEN' // a write failed in an unknown state; reopen to go on
  | 'LOG_CLOSED';

export class LogError extends Error {
  override name = 'LogError';
  readonly code: LogErrorCode;

  constructor(code: LogErrorCode, message: string, cause?: unknown) {
    super(`${code}: ${message}`, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}
