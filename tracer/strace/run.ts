/** Runs strace over a command and reads what it prints while it prints it. */
import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeastwiseError } from '../../src/domain/errors.ts';
import { displayText } from '../../src/domain/path.ts';
import type { Exit } from '../../src/domain/recording.ts';
import type { TraceRequest, Tracer, TraceSession } from '../tracer.ts';
import { straceArguments } from './args.ts';
import { hostFiles } from './host-files.ts';
import { readLines } from './read-lines.ts';
import { TraceReader } from './resolve.ts';

export const straceTracer: Tracer = { name: 'strace', start };

async function start(request: TraceRequest): Promise<TraceSession> {
  const folder = mkdtempSync(join(request.scratch ?? tmpdir(), 'leastwise-trace-'));
  const fifo = join(folder, 'trace');
  try {
    const made = spawnSync('mkfifo', ['-m', '600', fifo], { encoding: 'utf8' });
    if (made.error !== undefined) throw toolMissing('mkfifo', made.error);
    if (made.status !== 0) throw new LeastwiseError('trace', `cannot make a FIFO in ${folder}: ${made.stderr.trim()}`);
    const child = launch(request, fifo);
    return new Session(child, request, fifo, folder);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function launch(request: TraceRequest, fifo: string): ChildProcess {
  const argv = [...request.wrapper, 'strace', ...straceArguments(fifo, request.command)];
  const stdio: StdioOptions = typeof request.stdio === 'string' ? request.stdio : [...request.stdio];
  return spawn(argv[0]!, argv.slice(1), { cwd: request.cwd, env: { ...request.environment }, stdio });
}

class Session implements TraceSession {
  readonly done: Promise<Exit>;
  private readonly child: ChildProcess;
  private readonly reader: TraceReader;
  private root: number | undefined;
  private rootEnded = false;
  private events = 0;

  constructor(child: ChildProcess, request: TraceRequest, fifo: string, folder: string) {
    this.child = child;
    this.reader = new TraceReader({
      host: hostFiles,
      cwd: request.cwd,
      // A little early: file systems tell times by ticks.
      started: Date.now() - 20,
      isRoot: process.getuid?.() === 0,
      onEvent: (event) => {
        this.events += 1;
        if (event.kind === 'process-start') this.root ??= event.pid;
        if (event.kind === 'process-exit' && event.process === 1) this.rootEnded = true;
        request.onEvent(event);
      },
    });
    const drain = startDrain(folder, fifo);
    this.done = this.follow(fifo).finally(() => {
      drain.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get workloadEnded(): boolean {
    return this.rootEnded;
  }

  livePids(): readonly number[] {
    return this.reader.livePids();
  }

  signal(name: NodeJS.Signals): void {
    const targets = this.rootEnded ? this.reader.livePids() : this.root === undefined ? [] : [this.root];
    for (const pid of targets) sendSignal(pid, name);
  }

  private async follow(fifo: string): Promise<Exit> {
    let ended = false;
    const exit = this.childEnd().finally(() => (ended = true));
    const reading = readLines(
      fifo,
      () => ended,
      (text, from, end, time) => this.reader.push(text, time, from, end),
    );
    const [how] = await Promise.all([exit, reading]);
    if (this.events > 0) return how;
    throw new LeastwiseError(
      'trace',
      'cannot trace the workload: strace ended before it began',
      'Try "strace true"; "leastwise doctor" says what is missing.',
    );
  }

  /** Resolves with how strace, and so the workload, ended. */
  private childEnd(): Promise<Exit> {
    return new Promise((resolve, reject) => {
      this.child.once('error', (error: NodeJS.ErrnoException) => {
        reject(toolMissing(this.child.spawnfile, error));
      });
      this.child.once('exit', (code, signal) => resolve(signal === null ? { code: code ?? 0 } : { signal }));
    });
  }
}

/**
 * Were the recorder killed, strace would have nowhere to write to, and say so on the workload's terminal for every
 * line. This waits for that, and then takes what strace writes and throws it away: the workload goes on in peace.
 */
function startDrain(folder: string, fifo: string): ChildProcess {
  const script = 'exec 3<"$1"; read -r none; rm -rf "$2"; exec cat <&3 >/dev/null';
  const drain = spawn('/bin/sh', ['-c', script, 'leastwise-drain', fifo, folder], {
    cwd: '/',
    env: {},
    stdio: ['pipe', 'ignore', 'ignore'],
    // Out of the terminal's reach: Ctrl-C is the workload's.
    detached: true,
  });
  drain.on('error', () => undefined);
  drain.unref();
  return drain;
}

function sendSignal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It has ended.
  }
}

function toolMissing(name: string, error: NodeJS.ErrnoException): LeastwiseError {
  const what = displayText(name);
  return new LeastwiseError(
    'missing-tool',
    `cannot start ${what}: ${error.code ?? error.message}`,
    `Install ${what}; "leastwise doctor" says how.`,
    error,
  );
}
