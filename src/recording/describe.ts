/** What a person reads after a recording. */
import type { Console } from '../console.ts';
import { changes, pathsOf, succeeded } from '../domain/access.ts';
import { shellWord } from '../../synthesizer/targets/shell-quote.ts';
import { displayText } from '../domain/path.ts';
import type { Recording, RecordingInfo } from '../domain/recording.ts';

export interface ChangesShown {
  readonly list: readonly { readonly path: string; readonly kind: string }[];
  readonly kept: boolean;
}

const CHANGES_SHOWN = 20;

export function describeRecorded(
  info: RecordingInfo,
  recording: Recording,
  changed: ChangesShown | undefined,
  console: Console,
): void {
  const seen = summarise(recording);
  const end =
    info.exit === undefined ? '' : 'code' in info.exit ? `exit code ${info.exit.code}` : `ended by ${info.exit.signal}`;
  console.note(`leastwise: recorded ${displayText(info.name)} as ${info.id} (${end})`);
  console.note(
    `  ${seen.read} files read, ${seen.changed} changed; ${recording.processes.length} processes; ${seen.destinations} network destinations`,
  );
  for (const problem of info.problems) {
    console.note(console.paint('yellow', `  incomplete: ${describeProblem(problem)}`));
  }
  if (changed !== undefined) describeChanges(changed, console);
  console.note(`  next: leastwise learn --name ${displayText(shellWord(info.name))} -o POLICY.json`);
}

export function describeProblem(problem: RecordingInfo['problems'][number]): string {
  const times = problem.count === 1 ? '' : ` (${problem.count} times)`;
  return `${PROBLEMS[problem.kind]}${times}: ${displayText(problem.detail)}`;
}

const PROBLEMS: Readonly<Record<RecordingInfo['problems'][number]['kind'], string>> = {
  'unparsed-line': 'a line of the trace was not understood',
  'io-uring': 'io_uring was in use, which opens files unseen',
  'setuid-program': 'a set-uid program ran without its rights, as under any tracer',
  'tracer-in-workload': 'a program of the workload traces others, which fails under a tracer',
  'recorder-died': 'the recorder ended early',
  'no-space': 'there was no room to keep all of it',
  'lost-events': 'some of it could not be kept',
  'left-running': 'processes were left running',
  other: 'something else',
};

function describeChanges(changed: ChangesShown, console: Console): void {
  const count = `${changed.list.length} ${changed.list.length === 1 ? 'change' : 'changes'}`;
  console.note(`  ${count} to the workspace, ${changed.kept ? 'kept' : 'dropped (--keep keeps them)'}:`);
  for (const change of changed.list.slice(0, CHANGES_SHOWN))
    console.note(`    ${change.kind.padEnd(8)} ${displayText(change.path)}`);
  if (changed.list.length > CHANGES_SHOWN) console.note(`    … and ${changed.list.length - CHANGES_SHOWN} more`);
}

function summarise(recording: Recording): { read: number; changed: number; destinations: number } {
  const read = new Set<string>();
  const changed = new Set<string>();
  const destinations = new Set<string>();
  for (const access of recording.accesses) {
    if (!succeeded(access.outcome)) continue;
    const { object, operation } = access;
    if (object.kind === 'endpoint' && operation !== 'listen')
      destinations.add(`${object.protocol}:${object.address}:${object.port}`);
    const path = pathsOf(object).at(-1);
    if (path === undefined) continue;
    if (changes(operation)) changed.add(path.real ?? path.path);
    else if (operation === 'read' || operation === 'execute') read.add(path.real ?? path.path);
  }
  return { read: read.size, changed: changed.size, destinations: destinations.size };
}
