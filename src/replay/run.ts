/** Runs a prepared request under the tracer, and says how that went. */
import type { Tracer, TraceSession } from '../../tracer/tracer.ts';
import { LeastwiseError } from '../domain/errors.ts';
import { displayText } from '../domain/path.ts';
import type { Exit } from '../domain/recording.ts';
import type { PreparedSandbox, SandboxLog } from '../sandbox/sandbox.ts';
import { exitNumber } from './exit-code.ts';
import { watchWorkload, type Watched } from './watch.ts';

export interface ReplayRun {
  readonly watched: Watched;
  /** What the sandbox's program exited with; null where it was ended. */
  readonly sandboxExit: number | null;
  readonly policyHash: string | null;
  /** What kept it from being a replay; undefined for nothing. */
  readonly failure: LeastwiseError | undefined;
}

export interface RunOptions {
  /** Undefined: never. */
  readonly timeoutSeconds: number | undefined;
  /** Whether the workload's output goes to standard error, because standard output is taken. */
  readonly outputTaken: boolean;
}

export async function runPrepared(prepared: PreparedSandbox, tracer: Tracer, options: RunOptions): Promise<ReplayRun> {
  const watch = watchWorkload(prepared.marker);
  const ending = new Ending();
  let exit: Exit | undefined;
  let broken: LeastwiseError | undefined;
  try {
    const session = await tracer.start({
      command: prepared.command,
      cwd: '/',
      environment: prepared.environment,
      stdio: options.outputTaken ? [0, 2, 2] : 'inherit',
      wrapper: prepared.wrapper,
      scratch: prepared.overlay.scratch,
      onEvent: (event) => watch.onEvent(event),
    });
    ending.guard(session, options.timeoutSeconds);
    exit = await session.done;
  } catch (error) {
    if (!(error instanceof LeastwiseError)) throw error;
    broken = error;
  } finally {
    ending.release();
  }
  const watched = watch.result();
  const log = prepared.log();
  const failure =
    prepared.overlay.failure() ?? ending.reason ?? backendFailure(log) ?? broken ?? notStarted(watched, exit);
  const sandboxExit = exit && 'code' in exit ? exitNumber(exit) : null;
  return { watched, sandboxExit, policyHash: log.policyHash, failure };
}

const ENDING_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends all processes of a run where time is up or the caller is told to end: its first process takes the rest with it. */
class Ending {
  reason: LeastwiseError | undefined;
  private timer: NodeJS.Timeout | undefined;
  private session: TraceSession | undefined;

  guard(session: TraceSession, seconds: number | undefined): void {
    this.session = session;
    for (const signal of ENDING_SIGNALS) process.on(signal, this.onSignal);
    if (seconds !== undefined) this.timer = setTimeout(() => this.end(timeUp(seconds)), seconds * 1000);
  }

  release(): void {
    clearTimeout(this.timer);
    for (const signal of ENDING_SIGNALS) process.off(signal, this.onSignal);
  }

  private readonly onSignal = (signal: NodeJS.Signals): void =>
    this.end(new LeastwiseError('sandbox', `the replay was ended by ${signal}`));

  private end(reason: LeastwiseError): void {
    this.reason ??= reason;
    try {
      if (this.session && this.session.pid > 0) process.kill(this.session.pid, 'SIGKILL');
    } catch {
      // It has ended already.
    }
  }
}

function timeUp(seconds: number): LeastwiseError {
  return new LeastwiseError(
    'sandbox',
    `the workload did not end within ${seconds} seconds, and was ended`,
    'give it longer with --timeout; it may also wait for something that the policy keeps from it',
  );
}

function backendFailure(log: SandboxLog): LeastwiseError | undefined {
  if (log.refused !== null) {
    return new LeastwiseError(
      'sandbox',
      `MXC refused the request: ${displayText(log.refused)}`,
      'learn the policy again',
    );
  }
  if (log.backendError === null) return undefined;
  return new LeastwiseError(
    'sandbox',
    `MXC could not run it: ${displayText(log.backendError)}`,
    '"leastwise doctor" says what this machine lacks',
  );
}

/** `withoutDescriptors` ends with it where it cannot close them. */
const DESCRIPTORS_LEFT = 124;

function notStarted(watched: Watched, exit: Exit | undefined): LeastwiseError | undefined {
  if (watched.started) return undefined;
  const code = exit && exitNumber(exit);
  if (code === DESCRIPTORS_LEFT) {
    return new LeastwiseError(
      'sandbox',
      'cannot close the descriptors that the caller left open',
      'install bash, or start it without them',
    );
  }
  return new LeastwiseError(
    'sandbox',
    `the sandbox ended with ${code ?? 'no code'} before the workload began`,
    'what it wrote is above; "leastwise doctor" says what this machine lacks',
  );
}
