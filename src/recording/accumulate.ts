/** Trace events → rows of accesses and processes. Keeps in memory only what has changed since it was last drained. */
import { accessKey, type Access, type AccessDetail, type ProcessInfo } from '../domain/access.ts';
import type { Problem, ProblemKind, ProcessExec, TraceEvent } from '../domain/event.ts';

interface MutableRow {
  readonly detail: AccessDetail;
  readonly program: string;
  count: number;
  first: number;
  last: number;
  readonly process: number;
  drained: boolean;
}

/** Rows beyond this are forgotten once drained: what adds to them later is a row of its own, to be added up by the store. */
const ROWS_AT_MOST = 40_000;

export class AccessAccumulator {
  private lastProcess = -1;
  private lastProgram = '';
  private lastDetails = new Map<AccessDetail, MutableRow>();
  /** By program, then by the interned detail: the quick way. */
  private byDetail = new Map<string, Map<AccessDetail, MutableRow>>();
  /** By what makes rows the same: for details that were not interned. */
  private byKey = new Map<string, MutableRow>();
  /** Rows that were never drained, and those that were and have been seen again since. */
  private fresh = new Set<MutableRow>();
  private repeated = new Set<MutableRow>();
  private changedProcesses = new Set<number>();
  private readonly known = new Map<number, ProcessInfo>();
  private readonly found = new Map<ProblemKind, Problem>();
  private readonly homes = new Set<string>();
  private readonly tmps = new Set<string>();

  /** @returns whether the event told something new: not another access of a known row */
  push(event: TraceEvent): boolean {
    if (event.kind === 'access') return this.addAccess(event.access, event.process, event.time);
    this.lastProcess = -1;
    switch (event.kind) {
      case 'process-start':
        this.addProcess(event.process, event.pid, event.parent, event.time);
        break;
      case 'process-exec':
        this.addExec(event);
        break;
      case 'process-exit': {
        const code = event.code === undefined ? {} : { exitCode: event.code };
        const signal = event.signal === undefined ? {} : { signal: event.signal };
        this.change(event.process, { ended: event.time, ...code, ...signal });
        break;
      }
      case 'problem':
        this.addProblem(event.problem, event.detail);
        break;
    }
    return true;
  }

  /**
   * Rows and processes that are new since the last time; with `all`, also what is to be added to the counts and times
   * of rows that were drained before.
   */
  drain(all: boolean): { readonly accesses: Access[]; readonly processes: ProcessInfo[] } {
    const isFull = this.byKey.size > ROWS_AT_MOST;
    const rows = all || isFull ? [...this.fresh, ...this.repeated] : [...this.fresh];
    const accesses = rows.map(toAccess);
    for (const row of rows) Object.assign(row, { count: 0, drained: true });
    this.fresh = new Set();
    if (all || isFull) this.repeated = new Set();
    if (isFull) {
      this.byKey = new Map();
      this.byDetail = new Map();
      this.lastProcess = -1;
    }
    const processes = [...this.changedProcesses].map((id) => this.known.get(id)!);
    this.changedProcesses = new Set();
    this.forgetEnded(processes);
    return { accesses, processes };
  }

  /** How many new rows wait to be drained. */
  get pending(): number {
    return this.fresh.size;
  }

  problems(): Problem[] {
    return [...this.found.values()];
  }

  addProblem(kind: ProblemKind, detail: string): void {
    const before = this.found.get(kind);
    this.found.set(kind, before === undefined ? { kind, detail, count: 1 } : { ...before, count: before.count + 1 });
  }

  folders(): { readonly homes: string[]; readonly tmps: string[] } {
    return { homes: [...this.homes].sort(), tmps: [...this.tmps].sort() };
  }

  /** @returns whether this is a row that was not known */
  private addAccess(detail: AccessDetail, process: number, time: number): boolean {
    const details = process === this.lastProcess ? this.lastDetails : this.detailsOf(process);
    let row = details.get(detail);
    const isNew = row === undefined;
    if (row === undefined) {
      row = this.rowOf(detail, this.lastProgram, process, time);
      if (details.size > ROWS_AT_MOST) details.clear();
      details.set(detail, row);
    }
    if (row.count === 0) {
      row.first = time;
      (row.drained ? this.repeated : this.fresh).add(row);
    }
    row.count += 1;
    row.last = time;
    return isNew;
  }

  /** What was seen of the program that a process runs; remembered, because a process mostly goes on for a while. */
  private detailsOf(process: number): Map<AccessDetail, MutableRow> {
    this.lastProgram = this.known.get(process)?.executable ?? '';
    this.lastProcess = process;
    const known = this.byDetail.get(this.lastProgram);
    this.lastDetails = known ?? new Map();
    if (known === undefined) this.byDetail.set(this.lastProgram, this.lastDetails);
    return this.lastDetails;
  }

  private rowOf(detail: AccessDetail, program: string, process: number, time: number): MutableRow {
    const key = `${program}\0${accessKey(detail)}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const row: MutableRow = { detail, program, count: 0, first: time, last: time, process, drained: false };
    this.byKey.set(key, row);
    return row;
  }

  private addExec({ process, executable, argv, interpreter, folders }: ProcessExec): void {
    if (folders['HOME'] !== undefined) this.homes.add(folders['HOME']);
    if (folders['TMPDIR'] !== undefined) this.tmps.add(folders['TMPDIR']);
    this.change(process, { executable, argv, ...(interpreter === undefined ? {} : { interpreter }) });
  }

  private addProcess(id: number, pid: number, parent: number | undefined, time: number): void {
    const before = this.known.get(id) ?? {
      id,
      pid,
      executable: this.known.get(parent ?? 0)?.executable ?? '',
      argv: [],
      started: time,
    };
    this.known.set(id, { ...before, ...(parent === undefined ? {} : { parent }) });
    this.changedProcesses.add(id);
  }

  private change(id: number, more: Partial<ProcessInfo>): void {
    const before = this.known.get(id);
    if (before === undefined) return;
    this.known.set(id, { ...before, ...more });
    this.changedProcesses.add(id);
  }

  /** What has ended and was drained is the store's; a run of a million processes stays small here. */
  private forgetEnded(drained: readonly ProcessInfo[]): void {
    if (this.known.size < ROWS_AT_MOST) return;
    for (const process of drained) if (process.ended !== undefined) this.known.delete(process.id);
  }
}

function toAccess(row: MutableRow): Access {
  return {
    ...row.detail,
    program: row.program,
    count: row.count,
    first: row.first,
    last: row.last,
    process: row.process,
  };
}
