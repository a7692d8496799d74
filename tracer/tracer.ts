/** What every tracer offers: it starts a command, lets it do everything, and tells what it did. */
import type { Exit } from '../src/domain/recording.ts';
import type { TraceEvent } from '../src/domain/event.ts';

export interface TraceRequest {
  /** Program and arguments, never a shell string. The program is looked up in PATH. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  /** `inherit`: the workload has the caller's own stdin, stdout, stderr and terminal. */
  readonly stdio: 'inherit' | 'ignore' | readonly [number | 'ignore', number | 'ignore', number | 'ignore'];
  /** Arguments of a program that runs the whole tracer, e.g. a namespace; empty for none. */
  readonly wrapper: readonly string[];
  /** Where the tracer keeps what it needs: outside the overlays of `wrapper`, where a FIFO would be another one. Undefined: the temporary folder. */
  readonly scratch?: string;
  /** Called for every event, in order. A throw ends the trace. */
  readonly onEvent: (event: TraceEvent) => void;
}

export interface TraceSession {
  /** The tracer's own process. */
  readonly pid: number;
  /** Passes a signal to the workload's first process; where that has ended, to all that are left. */
  signal(name: NodeJS.Signals): void;
  /** Whether the workload's first process has ended; others that it started may run on. */
  readonly workloadEnded: boolean;
  livePids(): readonly number[];
  /** Resolves when the workload has ended and all events were told. Rejects with a LeastwiseError where it could not start. */
  readonly done: Promise<Exit>;
}

export interface Tracer {
  readonly name: string;
  start(request: TraceRequest): Promise<TraceSession>;
}
