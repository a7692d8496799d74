/** What every sandbox offers: it gets a compiled policy ready to be enforced on a command, for a tracer to run. */
import type { MxcRequest } from '../../synthesizer/targets/mxc.ts';
import type { Overlay } from './overlay.ts';

export interface Sandbox {
  readonly name: string;
  /** @throws LeastwiseError where this machine cannot enforce it */
  prepare(run: SandboxRun): Promise<PreparedSandbox>;
}

export interface SandboxRun {
  readonly request: MxcRequest;
  /** Run in place of the request's own command line. */
  readonly command: readonly string[];
  /** Folders to make before the run. */
  readonly create: readonly string[];
  /** Whether the real files stay as they are. */
  readonly overlay: boolean;
}

export interface PreparedSandbox {
  /** Runs the tracer: user namespace, processes of its own, overlays. */
  readonly wrapper: readonly string[];
  /** What the tracer runs. */
  readonly command: readonly string[];
  /** All that the programs around the workload get; the workload's own environment is in the request. */
  readonly environment: Readonly<Record<string, string>>;
  /** The third argument of the workload's first process, `sh -c …`, starts with it. */
  readonly marker: string;
  readonly overlay: Overlay;
  /** What the enforcement said about the run, once it has ended. */
  log(): SandboxLog;
  /** Removes what was set up; may be called more than once. */
  dispose(): void;
}

export interface SandboxLog {
  /** Digest of the policy that was applied, in the enforcement's own words; null where it never got that far. */
  readonly policyHash: string | null;
  /** What was wrong with the request; null for nothing. */
  readonly refused: string | null;
  /** What went wrong in the backend, such as a mount that cannot be; null for nothing. */
  readonly backendError: string | null;
  /** Whether the backend was started. */
  readonly spawned: boolean;
}
