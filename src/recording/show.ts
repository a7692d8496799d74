/** A recording as text for people, and as JSON for programs; in pieces, since it may be long. Pure. */
import type { Access, ProcessInfo } from '../domain/access.ts';
import { pathsOf } from '../domain/access.ts';
import { displayText } from '../domain/path.ts';
import type { Recording } from '../domain/recording.ts';
import { describeProblem } from './describe.ts';

/** Lines of one JSON document, as `policies/show.schema.json` says. */
export function* showAsJson(recording: Recording): Generator<string> {
  yield `{"recording": ${JSON.stringify(recording.info)},`;
  yield `"processes": ${JSON.stringify(recording.processes)},`;
  yield '"accesses": [';
  let before: string | undefined;
  for (const access of recording.accesses) {
    if (before !== undefined) yield `${before},`;
    before = JSON.stringify(access);
  }
  if (before !== undefined) yield before;
  yield ']}';
}

export function* showAsText(recording: Recording): Generator<string> {
  const { info } = recording;
  yield `${info.id}  ${displayText(info.name)}  ${info.status}`;
  yield `command    ${displayText(info.command.join(' '))}`;
  yield `workspace  ${displayText(info.workspace)}`;
  yield `variables  ${info.environment.map((use) => displayText(use.name)).join(' ') || 'none'}`;
  for (const problem of info.problems) yield `incomplete ${describeProblem(problem)}`;
  yield '';
  yield 'processes';
  yield* processTree(recording.processes, undefined, '  ');
  const groups = groupAccesses(recording.accesses);
  for (const [title, lines] of groups) {
    if (lines.size === 0) continue;
    yield '';
    yield `${title} (${lines.size})`;
    for (const [line, count] of [...lines].sort(([a], [b]) => (a < b ? -1 : 1)))
      yield `  ${line}${count > 1 ? `  ×${count}` : ''}`;
  }
}

const ARGUMENTS_SHOWN = 120;

function* processTree(
  processes: readonly ProcessInfo[],
  parent: number | undefined,
  indent: string,
): Generator<string> {
  const children = new Map<number | undefined, ProcessInfo[]>();
  for (const process of processes) children.set(process.parent, [...(children.get(process.parent) ?? []), process]);
  const stack = (children.get(parent) ?? []).toReversed().map((process) => ({ process, indent }));
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    const { process, indent: at } = next;
    const end =
      process.signal ?? (process.exitCode === undefined || process.exitCode === 0 ? '' : `exit ${process.exitCode}`);
    const argv = displayText(process.argv.join(' ') || process.executable).slice(0, ARGUMENTS_SHOWN);
    yield `${at}${process.pid} ${argv}${end === '' ? '' : `  [${end}]`}`;
    for (const child of (children.get(process.id) ?? []).toReversed())
      stack.push({ process: child, indent: `${at}  ` });
  }
}

function groupAccesses(accesses: Iterable<Access>): Map<string, Map<string, number>> {
  const groups = new Map<string, Map<string, number>>(TITLES.map((title) => [title, new Map<string, number>()]));
  for (const access of accesses) {
    const lines = groups.get(titleOf(access))!;
    const line = lineOf(access);
    lines.set(line, (lines.get(line) ?? 0) + access.count);
  }
  return groups;
}

const TITLES = [
  'files changed',
  'programs run',
  'files read',
  'folders listed',
  'metadata read',
  'not there, or refused',
  'network and sockets',
  'descriptors',
];

function titleOf(access: Access): string {
  const { operation, object, outcome } = access;
  if (object.kind === 'descriptor') return 'descriptors';
  if (pathsOf(object).length === 0 || operation === 'connect' || operation === 'listen') return 'network and sockets';
  if (outcome !== 'ok') return 'not there, or refused';
  if (operation === 'execute') return 'programs run';
  if (operation === 'read') return 'files read';
  if (operation === 'list') return 'folders listed';
  return operation === 'stat' || operation === 'probe' ? 'metadata read' : 'files changed';
}

function lineOf(access: Access): string {
  const outcome = access.outcome === 'ok' ? '' : `  ${access.outcome}`;
  return `${access.operation.padEnd(8)} ${objectText(access)}${outcome}`;
}

function objectText({ object }: Access): string {
  switch (object.kind) {
    case 'path':
      return displayText(object.path) + (object.real === undefined ? '' : ` → ${displayText(object.real)}`);
    case 'pair':
      return `${displayText(object.from.path)} → ${displayText(object.to.path)}`;
    case 'endpoint':
      return `${object.protocol} ${displayText(object.address)} port ${object.port}`;
    case 'abstract-socket':
      return `@${displayText(object.name)}`;
    case 'name':
      return `${displayText(object.name)} = ${object.addresses.map(displayText).join(', ') || 'no answer'}`;
    case 'descriptor':
      return `${object.descriptor} ${displayText(object.target)}`;
  }
}
