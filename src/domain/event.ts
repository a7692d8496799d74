/**
 * What a tracer tells, in order. All tracers tell the same.
 */
import type { AccessDetail } from './access.ts';

export type TraceEvent =
  | {
      readonly kind: 'process-start';
      readonly process: number;
      readonly pid: number;
      readonly parent?: number;
      readonly time: number;
    }
  | ProcessExec
  | {
      readonly kind: 'process-exit';
      readonly process: number;
      readonly time: number;
      readonly code?: number;
      readonly signal?: string;
    }
  | { readonly kind: 'access'; readonly process: number; readonly time: number; readonly access: AccessDetail }
  | { readonly kind: 'problem'; readonly problem: ProblemKind; readonly detail: string; readonly time: number };

export interface ProcessExec {
  readonly kind: 'process-exec';
  readonly process: number;
  readonly time: number;
  readonly executable: string;
  readonly interpreter?: string;
  readonly argv: readonly string[];
  /** Folders that its HOME, TMPDIR and XDG_* variables name, for telling homes and temporary folders; absolute only. */
  readonly folders: Readonly<Record<string, string>>;
}

/** Why a recording may not hold all that happened. */
export type ProblemKind =
  | 'unparsed-line'
  | 'io-uring'
  | 'setuid-program'
  | 'tracer-in-workload'
  | 'recorder-died'
  | 'no-space'
  | 'lost-events'
  | 'left-running' // background processes outlived the workload and were no longer watched
  | 'other';

export interface Problem {
  readonly kind: ProblemKind;
  /** One example, hostile text. */
  readonly detail: string;
  readonly count: number;
}
