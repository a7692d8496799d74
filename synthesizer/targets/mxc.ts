/** A request of MXC 1.0.0 for bubblewrap on Linux. */
import type { FileType } from '../../src/domain/access.ts';

export interface MxcRequest {
  readonly version: '1.0.0';
  readonly containment: 'bubblewrap';
  readonly process: {
    readonly commandLine: string;
    readonly cwd?: string;
    readonly env: readonly string[];
    readonly timeout?: number;
  };
  readonly filesystem: {
    readonly readonlyPaths: readonly string[];
    readonly readwritePaths: readonly string[];
    readonly deniedPaths: readonly string[];
  };
  readonly network: { readonly egress: { readonly default: 'deny' } };
}

/** What a compilation needs to know of the machine that it is for. */
export interface HostFacts {
  readonly variables: { readonly workspace: string; readonly home: string; readonly tmp: string };
  /** What is there, links not followed; undefined where nothing is. */
  typeOf(path: string): FileType | undefined;
  /** With all links resolved; undefined where nothing is. */
  realPath(path: string): string | undefined;
  readable(path: string): boolean;
  writable(path: string): boolean;
}
