/** The processes of a trace: which thread belongs to which, who started whom, and where each stands. Pure. */

/** A working folder, shared by threads and by what is cloned with CLONE_FS. */
interface Standing {
  cwd: string;
}

/** A process, or a thread of one: what strace prints a pid for. */
export interface Task {
  readonly pid: number;
  process: TracedProcess;
  standing: Standing;
  isThread: boolean;
}

export interface TracedProcess {
  readonly id: number;
  readonly pid: number;
  parent: TracedProcess | undefined;
  /** Absolute; empty until the first program was started. */
  program: string;
}

export class ProcessTable {
  private readonly tasks = new Map<number, Task>();
  private count = 0;
  private readonly start: string;

  /** @param cwd where the first process starts */
  constructor(cwd: string) {
    this.start = cwd;
  }

  get(pid: number): Task | undefined {
    return this.tasks.get(pid);
  }

  /** The first process of all, or one whose start was not seen. */
  addUnknown(pid: number): Task {
    const task: Task = {
      pid,
      process: this.newProcess(pid, undefined),
      standing: { cwd: this.start },
      isThread: false,
    };
    this.tasks.set(pid, task);
    return task;
  }

  addChild(pid: number, parent: Task, flags: string): Task {
    const isThread = flags.includes('CLONE_THREAD');
    const process = isThread ? parent.process : this.newProcess(pid, parent.process);
    process.program ||= parent.process.program;
    const standing = flags.includes('CLONE_FS') ? parent.standing : { cwd: parent.standing.cwd };
    const task: Task = { pid, process, standing, isThread };
    this.tasks.set(pid, task);
    return task;
  }

  /** A thread other than the first one started a program: it goes on under the process's own pid. */
  supersede(pid: number, by: number): void {
    const task = this.tasks.get(by);
    this.tasks.delete(by);
    if (task !== undefined && this.tasks.get(pid) === undefined) this.tasks.set(pid, { ...task, pid, isThread: false });
  }

  remove(pid: number): Task | undefined {
    const task = this.tasks.get(pid);
    this.tasks.delete(pid);
    return task;
  }

  get size(): number {
    return this.tasks.size;
  }

  pids(): number[] {
    return [...this.tasks.keys()];
  }

  private newProcess(pid: number, parent: TracedProcess | undefined): TracedProcess {
    this.count += 1;
    return { id: this.count, pid, parent, program: parent?.program ?? '' };
  }
}
