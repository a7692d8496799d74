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

  /** @returns the whole line; `unfinished` where more is to come; undefined where it cannot be understood */
  push(line: string): WholeLine | 'unfinished' | undefined {
    const cut = line.indexOf(' ');
    const pid = cut > 0 ? Number(line.slice(0, cut)) : Number.NaN;
    if (!Number.isInteger(pid)) return undefined;
    let from = cut + 1;
    while (line.charCodeAt(from) === 32) from += 1;
    const text = line.slice(from);
    if (text.endsWith(UNFINISHED)) return this.hold(pid, text.slice(0, -UNFINISHED.length));
    const changed = text.endsWith(' ...>') ? PID_CHANGED.exec(text) : null;
    if (changed !== null) return this.hold(Number(changed[1]), text.slice(0, changed.index) + EXECUTED);
    if (text.charCodeAt(0) === 60 && text.startsWith('<... ')) return this.resume(pid, text);
    return { pid, text };
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

const UNFINISHED = '<unfinished ...>';
const RESUMED = ' resumed>';
/** A thread starts a program and goes on under its process's pid. That happens only where it succeeds: what strace 6.1 prints as its result is no number. */
const PID_CHANGED = / <pid changed to (\d+) \.\.\.>$/;
const EXECUTED = ') = 0';
