/** Lines of a trace, in order → trace events. A state machine over processes; pure but for the host that is passed in. */
import type { AccessDetail, FileType, Operation, PathObject } from '../../src/domain/access.ts';
import type { ProblemKind, TraceEvent } from '../../src/domain/event.ts';
import { resolvePath } from '../../src/domain/path.ts';
import { detail } from './detail.ts';
import { EVIDENCE_AT_MOST, evidenceOf, evidenceOfUnparsed } from './evidence.ts';
import { readExec } from './exec.ts';
import { LinkResolver, type HostFiles } from './links.ts';
import { flat, Memo } from './memo.ts';
import { descriptorPath, parseLine, type SyscallLine } from './parse-line.ts';
import { locate, nowhere, pathArgument, printedType } from './path-objects.ts';
import { ProcessTable, type Task } from './processes.ts';
import { SocketCalls } from './socket-calls.ts';
import { Stitcher } from './stitch.ts';
import { SYSCALLS, type Row, type SyscallRow } from './syscalls.ts';

export interface ResolveOptions {
  readonly host: HostFiles;
  /** Where the first process starts, absolute. */
  readonly cwd: string;
  /** Milliseconds since the epoch: what was born later came to be in this run. */
  readonly started: number;
  /** Set-uid programs keep their rights under a tracer of root's. */
  readonly isRoot: boolean;
  readonly onEvent: (event: TraceEvent) => void;
}

export class TraceReader {
  private readonly options: ResolveOptions;
  private readonly stitcher = new Stitcher();
  private readonly processes: ProcessTable;
  private readonly links: LinkResolver;
  private readonly remembered = new Memo<readonly AccessDetail[]>();
  private readonly sockets: SocketCalls;

  constructor(options: ResolveOptions) {
    this.options = options;
    this.processes = new ProcessTable(options.cwd);
    this.links = new LinkResolver(options.host);
    this.sockets = new SocketCalls((path, call) => this.at(path, call, true, 'socket'));
  }

  /**
   * @param text holds the line from `from` up to `end`
   * @param time milliseconds since the epoch, when the line came
   */
  push(text: string, time: number, from = 0, end = text.length): void {
    const whole = this.stitcher.push(text, from, end);
    if (whole === 'unfinished') return;
    if (whole === undefined) return this.problem('unparsed-line', evidenceOfUnparsed(text.slice(from, end)), time);
    const task = this.processes.get(whole.pid) ?? this.newcomer(whole.pid, time);
    const known = this.remembered.get(task.standing.cwd, whole.text);
    if (known !== undefined) return this.emitAll(task, known, time);
    // A copy of its own: all that is kept of the line would else keep the whole piece that was read.
    this.pushNew(flat(whole.text), task, time);
  }

  /** Pids that have not ended yet. */
  livePids(): number[] {
    return this.processes.pids();
  }

  private pushNew(text: string, task: Task, time: number): void {
    const parsed = parseLine(text);
    switch (parsed.kind) {
      case 'syscall':
        return this.syscall(parsed, text, task, time);
      case 'exited':
        return this.exit(task, time, { code: parsed.code });
      case 'killed':
        return this.exit(task, time, { signal: parsed.signal });
      case 'superseded':
        return this.processes.supersede(task.pid, parsed.by);
      case 'signal':
        return;
      case 'unparsed':
        return this.problem('unparsed-line', evidenceOfUnparsed(text), time);
    }
  }

  private syscall(call: SyscallLine, text: string, task: Task, time: number): void {
    const row = SYSCALLS[call.name];
    if (row === undefined) return this.problem('unparsed-line', evidenceOfUnparsed(text), time);
    const details = this.apply(row, call, evidenceOf(call, text), task, time);
    this.emitAll(task, details, time);
    if (isStable(row, call)) this.remembered.set(task.standing.cwd, text, details);
  }

  private apply(row: SyscallRow, call: SyscallLine, text: string, task: Task, time: number): readonly AccessDetail[] {
    switch (row.act) {
      case 'open':
        return this.open(row, call, text, task);
      case 'path':
        return this.path(row, call, text, task);
      case 'descriptor':
        return this.descriptor(row, call, text);
      case 'pair':
        return this.pair(row, call, text, task);
      case 'cwd':
        return this.changeFolder(row, call, text, task);
      case 'exec':
        return this.exec(row, call, task, time);
      case 'fork':
        return this.fork(call, task, time);
      case 'socket':
        return this.sockets.socket(call);
      case 'address':
        return this.sockets.address(row, call, text, task.standing.cwd);
      case 'own-address':
        return this.sockets.ownAddress(row, call, text, task.standing.cwd);
      case 'receive':
        return this.sockets.receive(row, call, text);
      case 'message':
        return this.sockets.message(row, call, text);
      case 'ptrace':
        if (/^PTRACE_(?:TRACEME|ATTACH|SEIZE)/.test(call.args[0] ?? '')) this.problem('tracer-in-workload', text, time);
        return [];
      case 'io-uring':
        if (call.outcome === 'ok') this.problem('io-uring', text, time);
        return [];
    }
  }

  private open(row: Row<'open'>, call: SyscallLine, text: string, task: Task): readonly AccessDetail[] {
    const path = pathArgument(call.args, row.path, row.dir, task.standing.cwd);
    if (path === undefined) return [];
    const flags = row.flags < 0 ? 'O_WRONLY|O_CREAT|O_TRUNC' : (call.args[row.flags] ?? '');
    if (flags.includes('O_TMPFILE'))
      return [detail('create', this.at(`${path}/#tmpfile`, call, false, 'file'), call, text)];
    const wanted = flags.includes('O_DIRECTORY') ? 'folder' : undefined;
    const object = this.at(path, call, !flags.includes('O_NOFOLLOW'), wanted, descriptorPath(call.result));
    return operationsOfOpen(flags, object.type, this.creates(flags, object, call)).map((operation) =>
      detail(operation, object, call, text),
    );
  }

  /** Whether an open made the file: it says so, or the file is younger than the run. */
  private creates(flags: string, object: PathObject, call: SyscallLine): boolean {
    if (!flags.includes('O_CREAT')) return false;
    if (call.outcome !== 'ok' || flags.includes('O_EXCL')) return true;
    const born = this.options.host.bornAt(object.real ?? object.path);
    return born === undefined || born >= this.options.started;
  }

  private path(row: Row<'path'>, call: SyscallLine, text: string, task: Task): readonly AccessDetail[] {
    const path = pathArgument(call.args, row.path, row.dir, task.standing.cwd);
    if (path === undefined)
      return row.operation === 'metadata' ? this.descriptor({ ...row, descriptor: row.dir ?? 0 }, call, text) : [];
    const follow =
      row.onLink !== true && !(row.flags !== undefined && (call.args[row.flags] ?? '').includes('NOFOLLOW'));
    const type = row.type ?? (row.mode === undefined ? undefined : printedType(call.args[row.mode]));
    const removed = row.operation === 'delete' && (call.args[2] ?? '').includes('AT_REMOVEDIR') ? 'folder' : type;
    const object = this.at(path, call, follow, removed);
    if (call.outcome === 'ok' && (row.operation === 'delete' || row.operation === 'symlink'))
      this.links.forget(object.real ?? path);
    return [detail(row.operation, object, call, text)];
  }

  private descriptor(
    row: { operation: Operation; descriptor: number },
    call: SyscallLine,
    text: string,
  ): readonly AccessDetail[] {
    const path = descriptorPath(call.args[row.descriptor]);
    if (path === undefined || call.args[row.descriptor]!.endsWith('(deleted)')) return [];
    return [detail(row.operation, this.at(path, call, true), call, text)];
  }

  private pair(row: Row<'pair'>, call: SyscallLine, text: string, task: Task): readonly AccessDetail[] {
    const to = pathArgument(call.args, row.to, row.toDir, task.standing.cwd);
    if (to === undefined) return [];
    const target = this.at(to, call, false);
    const from = pathArgument(call.args, row.from, row.fromDir, task.standing.cwd);
    // A file without a name gets one: it is made.
    if (from === undefined || from.startsWith('/proc/')) return [detail('create', target, call, text)];
    const source = this.at(from, call, false, target.type === 'unknown' ? undefined : target.type);
    if (call.outcome === 'ok' && row.operation === 'rename') {
      this.links.forget(source.real ?? from);
      this.links.forget(target.real ?? to);
    }
    return [detail(row.operation, { kind: 'pair', from: source, to: target }, call, text)];
  }

  private changeFolder(row: Row<'cwd'>, call: SyscallLine, text: string, task: Task): readonly AccessDetail[] {
    const path =
      row.path === undefined
        ? descriptorPath(call.args[row.descriptor!])
        : pathArgument(call.args, row.path, undefined, task.standing.cwd);
    if (path === undefined) return [];
    const object = this.at(path, call, true, 'folder');
    if (call.outcome === 'ok') task.standing.cwd = object.real ?? path;
    return [detail('stat', object, call, text)];
  }

  private exec(row: Row<'exec'>, call: SyscallLine, task: Task, time: number): readonly AccessDetail[] {
    const path =
      pathArgument(call.args, row.path, row.dir, task.standing.cwd) ?? descriptorPath(call.args[row.dir ?? -1]);
    if (path === undefined) return [];
    const object = this.at(path, call, true, call.outcome === 'ok' ? 'file' : undefined);
    const evidence = `${call.name}(${call.args.slice(0, row.argv + 1).join(', ')})`;
    const details = [detail('execute', object, call, evidence)];
    if (call.outcome !== 'ok') return details;
    const executable = object.real ?? path;
    const exec = readExec(call.args[row.argv], call.args[row.environment], this.options.host.head(executable, 256));
    if (exec.interpreter !== undefined)
      details.push(
        detail(
          'execute',
          this.at(resolvePath(task.standing.cwd, exec.interpreter), call, true, 'file'),
          call,
          evidence,
        ),
      );
    task.process.program = executable;
    const { argv, folders, interpreter } = exec;
    this.options.onEvent({
      kind: 'process-exec',
      process: task.process.id,
      time,
      executable,
      argv,
      folders,
      ...(interpreter === undefined ? {} : { interpreter }),
    });
    if (!this.options.isRoot && this.options.host.isSetId(executable)) this.problem('setuid-program', executable, time);
    return details;
  }

  private fork(call: SyscallLine, task: Task, time: number): readonly AccessDetail[] {
    const pid = Number.parseInt(/\/\* (\d+) in strace's PID NS \*\//.exec(call.result)?.[1] ?? call.result, 10);
    if (call.outcome !== 'ok' || !(pid > 0)) return [];
    const known = this.processes.get(pid);
    if (known === undefined) this.addChild(pid, task, call.args.join(' '), time);
    else if (!known.isThread && known.process !== task.process && known.process.parent !== task.process) {
      known.process.parent = task.process;
      this.start(known, time);
    }
    return [];
  }

  /** A pid that was not heard of: its parent is in a call that has not returned yet, or it is the first one. */
  private newcomer(pid: number, time: number): Task {
    let parent: Task | undefined;
    let flags = '';
    for (const other of this.stitcher.pendingPids()) {
      const text = this.stitcher.pendingOf(other)!;
      if (!/^(?:clone3?|v?fork)\(/.test(text)) continue;
      parent = this.processes.get(other);
      flags = text;
    }
    if (parent !== undefined) return this.addChild(pid, parent, flags, time);
    const task = this.processes.addUnknown(pid);
    this.start(task, time);
    return task;
  }

  private addChild(pid: number, parent: Task, flags: string, time: number): Task {
    const task = this.processes.addChild(pid, parent, flags);
    if (!task.isThread) this.start(task, time);
    return task;
  }

  private start(task: Task, time: number): void {
    const { id, pid, parent } = task.process;
    this.options.onEvent({
      kind: 'process-start',
      process: id,
      pid,
      time,
      ...(parent === undefined ? {} : { parent: parent.id }),
    });
  }

  private exit(task: Task, time: number, end: { code: number } | { signal: string }): void {
    this.processes.remove(task.pid);
    this.stitcher.forget(task.pid);
    if (!task.isThread) this.options.onEvent({ kind: 'process-exit', process: task.process.id, time, ...end });
  }

  private at(path: string, call: SyscallLine, follow: boolean, type?: FileType, real?: string): PathObject {
    const isNowhere = call.outcome === 'ENOENT' || call.outcome === 'ENOTDIR';
    return isNowhere ? nowhere(path) : locate(path, this.links, follow, type, real);
  }

  private emitAll(task: Task, details: readonly AccessDetail[], time: number): void {
    for (const access of details) this.options.onEvent({ kind: 'access', process: task.process.id, time, access });
  }

  private problem(problem: ProblemKind, text: string, time: number): void {
    this.options.onEvent({ kind: 'problem', problem, detail: text.slice(0, EVIDENCE_AT_MOST), time });
  }
}

function operationsOfOpen(flags: string, type: FileType, creates: boolean): Operation[] {
  if (flags.includes('O_PATH')) return ['stat'];
  const change: Operation = creates ? 'create' : 'write';
  if (flags.includes('O_RDWR')) return ['read', change];
  if (flags.includes('O_WRONLY')) return [change];
  if (flags.includes('O_TRUNC') || creates) return ['read', change];
  return type === 'folder' ? ['list'] : ['read'];
}

/** Whether the same line means the same the next time, and changes nothing in what is known of processes. */
function isStable(row: SyscallRow, call: SyscallLine): boolean {
  switch (row.act) {
    case 'open':
      return row.flags >= 0 && !(call.args[row.flags] ?? '').includes('O_CREAT');
    case 'path':
      return (
        row.operation === 'stat' || row.operation === 'probe' || row.operation === 'metadata' || call.outcome !== 'ok'
      );
    case 'descriptor':
      return true;
    case 'pair':
      return call.outcome !== 'ok';
    case 'cwd':
    case 'exec':
    case 'fork':
    case 'socket':
    case 'address':
    case 'receive':
    case 'message':
    case 'own-address':
    case 'ptrace':
    case 'io-uring':
      return false;
  }
}
