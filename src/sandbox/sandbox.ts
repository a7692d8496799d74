/** What every sandbox offers: it runs a command under a policy's enforcement. */
import type { Policy } from '../domain/policy.ts';

export interface SandboxRequest {
  readonly policy: Policy;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly workspace: string;
  readonly environment: Readonly<Record<string, string>>;
}

export interface PreparedSandbox {
  /** What to run, program first, in place of the workload's command. */
  readonly argv: readonly string[];
  /** Which process of the trace is the workload's first one: its argv holds this text. */
  readonly marker: string;
  /** Removes what was set up; may be called more than once. */
  dispose(): Promise<void>;
}

export interface Sandbox {
  readonly name: string;
  prepare(request: SandboxRequest): Promise<PreparedSandbox>;
}
