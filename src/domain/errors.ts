/** The one error class: a closed code, and a message of action, object and remedy. */
export type ErrorCode =
  | 'usage' // a flag or argument is off
  | 'bad-policy' // the policy document cannot be read
  | 'no-recording'
  | 'incomplete-recording'
  | 'missing-tool' // strace, bwrap …
  | 'missing-command' // the workload's program
  | 'store' // the database
  | 'trace' // the tracer could not start or died
  | 'sandbox' // the enforcement could not start
  | 'io';

export class LeastwiseError extends Error {
  readonly code: ErrorCode;
  /** What to do; empty where the message says it. */
  readonly remedy: string;

  /** @param message action and object, one line, e.g. `cannot read policy p.json:3: unknown field "grant"` */
  constructor(code: ErrorCode, message: string, remedy = '', cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LeastwiseError';
    this.code = code;
    this.remedy = remedy;
  }
}

/** Exit codes of every verb: 0 holds, 1 a finding, 2 could not do it. */
export const EXIT = { ok: 0, finding: 1, failed: 2 } as const;
