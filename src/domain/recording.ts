/** A recording: one run of a workload, and what is known of it as a whole. */
import type { Access, FileType, ProcessInfo } from './access.ts';
import type { Problem } from './event.ts';
import type { PathFlavour } from './path.ts';

export type RecordingStatus = 'running' | 'complete' | 'incomplete';

/** How a process ended: exactly one of the two. */
export type Exit = { readonly code: number } | { readonly signal: string };

export interface RecordingInfo {
  /** Sortable and unique, e.g. `20261123T190501Z-3f9a`. */
  readonly id: string;
  readonly name: string;
  readonly flavour: PathFlavour;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly workspace: string;
  readonly home: string;
  readonly tmp: string;
  readonly uid: number;
  readonly tracer: string;
  /** Milliseconds since the epoch. */
  readonly started: number;
  readonly ended?: number;
  readonly exit?: Exit;
  readonly status: RecordingStatus;
  readonly problems: readonly Problem[];
  /** Whether the workspace was put back afterwards. */
  readonly disposable: boolean;
  /** Values that HOME (`homes`) and TMPDIR (`tmps`) had in any process of the workload; sorted, without duplicates. */
  readonly homes: readonly string[];
  readonly tmps: readonly string[];
  /** Names, never values, of the caller's environment that a program or script of the workload speaks of. */
  readonly environment: readonly EnvironmentUse[];
  /** What the workload made or wrote and left behind, at the time it ended. */
  readonly outputs: readonly OutputFile[];
}

export interface EnvironmentUse {
  readonly name: string;
  /** Files that speak of it: programs and scripts; at most three. Empty: a variable that any program reads (PATH, LANG …). */
  readonly seenIn: readonly string[];
}

export interface OutputFile {
  readonly path: string;
  readonly type: FileType;
}

/** A whole recording in memory; `accesses` may be a cursor that can be walked once. */
export interface Recording {
  readonly info: RecordingInfo;
  readonly processes: readonly ProcessInfo[];
  readonly accesses: Iterable<Access>;
}
