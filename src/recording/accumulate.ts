/** Trace events → rows of accesses and processes. Keeps in memory only what has changed since it was last drained. */
import type { Access, AccessDetail, AccessObject, PathObject, ProcessInfo } from '../domain/access.ts';
import type { Problem, ProblemKind, TraceEvent } from '../domain/event.ts';

interface MutableRow {
  readonly detail: AccessDetail;
  readonly program: string;
  count: number;
  first: number;
  last: number;
  readonly process: number;
}

/** Rows beyond this are forgotten once drained: what adds to them later is a row of its own, to be added up by the store. */
const ROWS_AT_MOST = 20_000;

export class AccessAccumulator {
  /** By program, then by the interned detail: the quick way. */
  private byDetail = new Map<string, Map<AccessDetail, MutableRow>>();
  /** By what makes rows the same: for details that were not interned. */
  private byKey = new Map<string, MutableRow>();
  private changed = new Set<MutableRow>();
  private changedProcesses = new Set<number>();
  private readonly known = new Map<number, ProcessInfo>();
  private readonly found = new Map<ProblemKind, Problem>();
  private readonly homes = new Set<string>();
  private readonly tmps = new Set<string>();

  push(event: TraceEvent): void {
    switch (event.kind) {
      case 'access':
        return this.addAccess(event.access, event.process, event.time);
      case 'process-start':
        return this.addProcess(event.process, event.pid, event.parent, event.time);
      case 'process-exec':
        if (event.folders['HOME'] !== undefined) this.homes.add(event.folders['HOME']);
        if (event.folders['TMPDIR'] !== undefined) this.tmps.add(event.folders['TMPDIR']);
        return this.change(event.process, {
          executable: event.executable,
          argv: event.argv,
          ...(event.interpreter === undefined ? {} : { interpreter: event.interpreter }),
        });
      case 'process-exit':
        return this.change(event.process, {
          ended: event.time,
          ...(event.code === undefined ? {} : { exitCode: event.code }),
          ...(event.signal === undefined ? {} : { signal: event.signal }),
        });
      case 'problem':
        return this.addProblem(event.problem, event.detail);
    }
  }

  /** Rows that are new or have changed, as what is to be added to those drained before. */
  drain(): { readonly accesses: Access[]; readonly processes: ProcessInfo[] } {
    const accesses = [...this.changed].map(toAccess);
    for (const row of this.changed) row.count = 0;
    this.changed = new Set();
    if (this.byKey.size > ROWS_AT_MOST) {
      this.byKey = new Map();
      this.byDetail = new Map();
    }
    const processes = [...this.changedProcesses].map((id) => this.known.get(id)!);
    this.changedProcesses = new Set();
    this.forgetEnded(processes);
    return { accesses, processes };
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

  private addAccess(detail: AccessDetail, process: number, time: number): void {
    const program = this.known.get(process)?.executable ?? '';
    let details = this.byDetail.get(program);
    if (details === undefined) {
      details = new Map();
      this.byDetail.set(program, details);
    }
    let row = details.get(detail);
    if (row === undefined) {
      row = this.rowOf(detail, program, process, time);
      if (details.size > ROWS_AT_MOST) details.clear();
      details.set(detail, row);
    }
    if (row.count === 0) row.first = time;
    row.count += 1;
    row.last = time;
    this.changed.add(row);
  }

  private rowOf(detail: AccessDetail, program: string, process: number, time: number): MutableRow {
    const key = `${program}\0${accessKey(detail)}`;
    const known = this.byKey.get(key);
    if (known !== undefined) return known;
    const row: MutableRow = { detail, program, count: 0, first: time, last: time, process };
    this.byKey.set(key, row);
    return row;
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

/** What makes two accesses of one program the same row. */
export function accessKey(detail: AccessDetail): string {
  return `${detail.operation}\0${detail.outcome}\0${objectKey(detail.object)}`;
}

function objectKey(object: AccessObject): string {
  switch (object.kind) {
    case 'path':
      return pathKey(object);
    case 'pair':
      return `${pathKey(object.from)}\0${pathKey(object.to)}`;
    case 'endpoint':
      return `${object.protocol}:${object.address}:${object.port}`;
    case 'abstract-socket':
      return `@${object.name}`;
    case 'name':
      return `${object.name}=${object.addresses.join(',')}`;
    case 'descriptor':
      return `${object.descriptor}>${object.target}`;
  }
}

function pathKey(path: PathObject): string {
  return path.real === undefined ? path.path : `${path.path}>${path.real}`;
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
