/** Lines of many processes, cut in two where they interleave → whole lines. Pure. */
export interface WholeLine {
  readonly pid: number;
  /** Without the pid. */
  readonly text: string;
}

/** More unfinished calls than this are not remembered: a trace that has them is hostile or broken. */
const PENDING_AT_MOST = 100_000;

export class Stitcher {
  private readonly pending = new Map<number, string>();

  /**
   * @param text holds the line from `from` up to `end`
   * @returns the whole line; `unfinished` where more is to come; undefined where it cannot be understood
   */
  push(text: string, from = 0, end = text.length): WholeLine | 'unfinished' | undefined {
    let at = from;
    let pid = 0;
    for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9 && at < end; digit = text.charCodeAt(at) - 48) {
      pid = pid * 10 + digit;
      at += 1;
    }
    if (at === from || at - from > PID_DIGITS || text.charCodeAt(at) !== 32) return undefined;
    while (text.charCodeAt(at) === 32) at += 1;
    const line = text.slice(at, end);
    if (line.charCodeAt(line.length - 1) === 62) {
      if (line.endsWith(UNFINISHED)) return this.hold(pid, line.slice(0, -UNFINISHED.length));
      const changed = line.endsWith(' ...>') ? PID_CHANGED.exec(line) : null;
      if (changed !== null) return this.hold(Number(changed[1]), line.slice(0, changed.index) + EXECUTED);
    }
    if (line.charCodeAt(0) === 60 && line.startsWith('<... ')) return this.resume(pid, line);
    return { pid, text: line };
  }

  /** The call that a process is in, as far as it was printed; undefined where it is in none. */
  pendingOf(pid: number): string | undefined {
    return this.pending.get(pid);
  }

  /** Processes that are in a call that was cut, in the order in which they entered it. */
  pendingPids(): IterableIterator<number> {
    return this.pending.keys();
  }

  forget(pid: number): void {
    this.pending.delete(pid);
  }

  private hold(pid: number, text: string): 'unfinished' | undefined {
    if (this.pending.size >= PENDING_AT_MOST) return undefined;
    this.pending.delete(pid);
    this.pending.set(pid, text);
    return 'unfinished';
  }

  private resume(pid: number, text: string): WholeLine | undefined {
    const begun = this.pending.get(pid);
    const resumed = text.indexOf(RESUMED);
    if (begun === undefined || resumed < 0) return undefined;
    this.pending.delete(pid);
    if (begun.endsWith(EXECUTED)) return { pid, text: begun };
    return { pid, text: begun + text.slice(resumed + RESUMED.length) };
  }
}

const PID_DIGITS = 10;
const UNFINISHED = '<unfinished ...>';
const RESUMED = ' resumed>';
/** A thread starts a program and goes on under its process's pid. That happens only where it succeeds: what strace 6.1 prints as its result is no number. */
const PID_CHANGED = / <pid changed to (\d+) \.\.\.>$/;
const EXECUTED = ') = 0';
