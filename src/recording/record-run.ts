/** One recording: runs the tracer, adds up what it tells, and keeps it in the store while it goes. */
import { randomBytes } from 'node:crypto';
import type { ProblemKind, TraceEvent } from '../domain/event.ts';
import type { Exit, RecordingInfo } from '../domain/recording.ts';
import type { RecordingStore, RecordingWriter } from '../store/store.ts';
import type { Tracer, TraceSession } from '../../tracer/tracer.ts';
import { AccessAccumulator } from './accumulate.ts';
import { environmentUses } from './environment.ts';
import { keepHeapSmall, startSmall } from './heap.ts';
import { handleSignals } from './signals.ts';
import { FileWatch } from './watch-files.ts';

export interface RecordRequest {
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string;
  readonly workspace: string;
  readonly home: string;
  readonly tmp: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly disposable: boolean;
  /** Runs the tracer, e.g. over an overlay; empty for none. */
  readonly wrapper: readonly string[];
  /** A folder outside the overlays; undefined where there are none. */
  readonly scratch?: string;
  /** Something to tell the person while it runs. */
  readonly note: (text: string) => void;
}

export interface RecordResult {
  readonly info: RecordingInfo;
  readonly exit: Exit;
}

const FLUSH_MS = 1000;
const FLUSH_ROWS = 5_000;
const LEFT_RUNNING_AFTER_MS = 1000;

export async function recordRun(request: RecordRequest, tracer: Tracer, store: RecordingStore): Promise<RecordResult> {
  startSmall();
  const run = new Run(request, tracer, store);
  return run.toEnd();
}

class Run {
  private readonly accumulator = new AccessAccumulator();
  private readonly watch = new FileWatch();
  private readonly writer: RecordingWriter;
  private readonly request: RecordRequest;
  private readonly tracer: Tracer;
  private readonly store: RecordingStore;
  private info: RecordingInfo;
  private storeFailed = false;

  constructor(request: RecordRequest, tracer: Tracer, store: RecordingStore) {
    this.request = request;
    this.tracer = tracer;
    this.store = store;
    this.info = startOf(request, tracer.name);
    this.writer = store.begin(this.info);
  }

  async toEnd(): Promise<RecordResult> {
    const { command, cwd, environment, wrapper, scratch } = this.request;
    const timer = setInterval(() => this.flush(), FLUSH_MS);
    try {
      const session = await this.tracer.start({
        command,
        cwd,
        environment,
        wrapper,
        ...(scratch === undefined ? {} : { scratch }),
        stdio: 'inherit',
        onEvent: (event) => this.push(event),
      });
      const exit = await this.follow(session);
      this.finish(exit);
      return { info: this.info, exit };
    } catch (error) {
      this.store.remove(this.info.id);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  private async follow(session: TraceSession): Promise<Exit> {
    const left = new LeftRunning(session, this.request.note);
    const release = handleSignals({
      pass: (name) => session.signal(name),
      shared: () => {
        if (!session.workloadEnded) return;
        this.accumulator.addProblem('left-running', 'ended with the recording');
        session.signal('SIGTERM');
      },
    });
    try {
      return await session.done;
    } finally {
      left.stop();
      release();
    }
  }

  private push(event: TraceEvent): void {
    if (this.accumulator.push(event)) this.watch.push(event);
    if (this.accumulator.pending >= FLUSH_ROWS) this.flush();
  }

  /** What cannot be written now is not tried again until the end: the workload must not wait for a full disk. */
  private flush(all = false): void {
    keepHeapSmall();
    if (this.storeFailed) return;
    const { accesses, processes } = this.accumulator.drain(all);
    if (accesses.length === 0 && processes.length === 0) return;
    try {
      this.writer.write(accesses, processes);
    } catch (error) {
      this.storeFailed = true;
      this.unwritten = { accesses, processes };
      const problem: ProblemKind = isFull(error) ? 'no-space' : 'lost-events';
      this.accumulator.addProblem(problem, `the store could not be written: ${(error as Error).message}`);
      this.request.note(`leastwise: the recording cannot be kept (${(error as Error).message}); the workload goes on`);
    }
  }

  private unwritten: ReturnType<AccessAccumulator['drain']> | undefined;

  private finish(exit: Exit): void {
    if (this.unwritten !== undefined) this.retry(this.unwritten);
    this.flush(true);
    const problems = this.accumulator.problems();
    const { homes, tmps } = this.accumulator.folders();
    this.info = {
      ...this.info,
      ended: Date.now(),
      exit,
      status: problems.length === 0 ? 'complete' : 'incomplete',
      problems,
      homes,
      tmps,
      environment: this.environment(),
      outputs: this.watch.outputs(),
    };
    this.keep();
  }

  private retry(rows: ReturnType<AccessAccumulator['drain']>): void {
    try {
      this.writer.write(rows.accesses, rows.processes);
      this.storeFailed = false;
    } catch {
      // Still no room: what came since is lost too, and the problem says so.
    }
  }

  private environment(): RecordingInfo['environment'] {
    try {
      return environmentUses(this.request.environment, this.watch.files(), this.store.mentions);
    } catch (error) {
      this.accumulator.addProblem('no-space', (error as Error).message);
      return [];
    }
  }

  private keep(): void {
    try {
      this.writer.update(this.info);
    } catch (error) {
      this.request.note(
        `leastwise: the end of the recording cannot be kept (${(error as Error).message}); it will show as incomplete`,
      );
      this.info = { ...this.info, status: 'incomplete' };
    }
  }
}

/** Says so when the workload has ended but what it started has not. */
class LeftRunning {
  private readonly timer: NodeJS.Timeout;
  private said = false;

  constructor(session: TraceSession, note: (text: string) => void) {
    let since = 0;
    this.timer = setInterval(() => {
      if (!session.workloadEnded || this.said) return;
      since += LEFT_RUNNING_AFTER_MS / 4;
      if (since < LEFT_RUNNING_AFTER_MS) return;
      this.said = true;
      const pids = session.livePids().join(', ');
      note(
        `leastwise: the workload has ended, what it started has not (pid ${pids}); still recording; Ctrl-C ends these too`,
      );
    }, LEFT_RUNNING_AFTER_MS / 4);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

function startOf(request: RecordRequest, tracer: string): RecordingInfo {
  const started = Date.now();
  const stamp = new Date(started).toISOString().replace(/[-:]|\.\d+/g, '');
  return {
    id: `${stamp}-${randomBytes(2).toString('hex')}`,
    name: request.name,
    flavour: 'posix',
    command: request.command,
    cwd: request.cwd,
    workspace: request.workspace,
    home: request.home,
    tmp: request.tmp,
    uid: process.getuid?.() ?? 0,
    tracer,
    started,
    status: 'running',
    problems: [],
    disposable: request.disposable,
    homes: [],
    tmps: [],
    environment: [],
    outputs: [],
  };
}

function isFull(error: unknown): boolean {
  return /FULL|ENOSPC|IOERR/.test((error as { code?: string }).code ?? '');
}
