/** Gathers what the workload's own processes did in a replay, out of a trace that holds the sandbox's processes too. Pure. */
import { changes, succeeded, type AccessDetail } from '../domain/access.ts';
import type { Problem, ProcessExec, TraceEvent } from '../domain/event.ts';
import type { Exit } from '../domain/recording.ts';
import type { Denial } from '../domain/verdict.ts';

/** All accesses of one program that are the same but for time and process: those that failed, changed something, or went to the network. */
export interface ReplayAccess extends AccessDetail {
  /** The first process that did it. */
  readonly program: Denial['program'];
  readonly count: number;
}

export interface Watched {
  /** Whether the workload's first process was seen at all. */
  readonly started: boolean;
  /** How the workload's first process ended; undefined where that was not seen. */
  readonly exit: Exit | undefined;
  readonly accesses: readonly ReplayAccess[];
  readonly problems: readonly Problem[];
}

export interface Watch {
  onEvent(event: TraceEvent): void;
  result(): Watched;
}

/** @param marker what the script of the workload's first process, `sh -c SCRIPT`, starts with */
export function watchWorkload(marker: string): Watch {
  const processes = new Map<number, Process>();
  const rows = new Map<string, { count: number; row: ReplayAccess }>();
  const problems = new Map<Problem['kind'], Problem>();
  let first: number | undefined;
  let exit: Exit | undefined;

  /** Told once more where a better parent came to be known. */
  const onStart = (event: { process: number; pid: number; parent?: number }): void => {
    const fresh = newProcess(event.pid, processes.get(event.parent ?? 0));
    const known = processes.get(event.process);
    processes.set(
      event.process,
      known && known.executable !== '' ? { ...known, inside: fresh.inside, chain: fresh.chain } : fresh,
    );
  };
  const onExec = (event: ProcessExec): void => {
    const process = processes.get(event.process) ?? newProcess(0, undefined);
    process.executable = event.executable;
    process.argv = event.argv;
    processes.set(event.process, process);
    if (first !== undefined || !isFirst(event, marker)) return;
    first = event.process;
    process.inside = true;
    process.chain = [process.pid];
  };
  const onAccess = (id: number, access: AccessDetail): void => {
    const process = processes.get(id);
    if (!process?.inside || !isJudged(access)) return;
    const key = `${access.operation}\0${access.outcome}\0${process.executable}\0${JSON.stringify(access.object)}`;
    const known = rows.get(key);
    if (known) known.count += 1;
    else rows.set(key, { count: 1, row: { ...access, program: programOf(process), count: 1 } });
  };

  return {
    onEvent: (event) => {
      switch (event.kind) {
        case 'process-start':
          onStart(event);
          return;
        case 'process-exec':
          onExec(event);
          return;
        case 'process-exit':
          if (event.process === first) exit = exitOf(event);
          processes.delete(event.process);
          return;
        case 'access':
          onAccess(event.process, event.access);
          return;
        case 'problem':
          problems.set(event.problem, addProblem(problems.get(event.problem), event));
          return;
      }
    },
    result: () => ({
      started: first !== undefined,
      exit,
      accesses: [...rows.values()].map(({ row, count }) => ({ ...row, count })),
      problems: [...problems.values()],
    }),
  };
}

/** A look that went well is no question for a judge, and there are many. */
function isJudged({ operation, object, outcome }: AccessDetail): boolean {
  return !succeeded(outcome) || changes(operation) || (object.kind !== 'path' && object.kind !== 'descriptor');
}

interface Process {
  readonly pid: number;
  inside: boolean;
  executable: string;
  argv: readonly string[];
  /** Process ids from the workload's first process to this one. */
  chain: readonly number[];
}

function newProcess(pid: number, parent: Process | undefined): Process {
  const inside = parent?.inside === true;
  const { executable, argv, chain } = parent ?? { executable: '', argv: [], chain: [] };
  return { pid, inside, executable, argv, chain: inside ? [...chain, pid] : [] };
}

function isFirst(event: ProcessExec, marker: string): boolean {
  return event.argv[0] === 'sh' && event.argv[1] === '-c' && event.argv[2]?.startsWith(marker) === true;
}

function programOf(process: Process): Denial['program'] {
  return { executable: process.executable, argv: process.argv, pids: process.chain };
}

function exitOf(event: { readonly code?: number; readonly signal?: string }): Exit {
  return event.signal === undefined ? { code: event.code ?? 0 } : { signal: event.signal };
}

function addProblem(known: Problem | undefined, event: { problem: Problem['kind']; detail: string }): Problem {
  return known ? { ...known, count: known.count + 1 } : { kind: event.problem, detail: event.detail, count: 1 };
}
