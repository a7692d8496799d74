/** What a call that started a program says of it. Pure. */
import { splitArguments, stringArgument } from './parse-line.ts';

export interface ExecFacts {
  readonly argv: readonly string[];
  readonly folders: Readonly<Record<string, string>>;
  readonly interpreter: string | undefined;
}

const FOLDER_VARIABLE = /^(HOME|TMPDIR|XDG_[A-Z_]+)=(\/.*)$/s;

/**
 * @param argv, environment as printed, whole lists
 * @param head the first bytes of the file
 */
export function readExec(argv: string | undefined, environment: string | undefined, head: string): ExecFacts {
  const folders: Record<string, string> = {};
  for (const text of printedList(environment, FOLDER_IN_PRINT)) {
    const match = FOLDER_VARIABLE.exec(text);
    if (match !== null) folders[match[1]!] = match[2]!.length > 1 ? match[2]!.replace(/\/+$/, '') : '/';
  }
  return { argv: printedList(argv), folders, interpreter: interpreterOf(head) };
}

const FOLDER_IN_PRINT = /^"(?:HOME|TMPDIR|XDG_)/;

function printedList(arg: string | undefined, only?: RegExp): string[] {
  if (arg === undefined || !arg.startsWith('[')) return [];
  const items = splitArguments(`${arg.slice(1, -1)})`, 0)?.args ?? [];
  const wanted = only === undefined ? items : items.filter((item) => only.test(item));
  return wanted.map((item) => (stringArgument(item) ?? item) + (item.endsWith('...') ? '…' : ''));
}

/** The interpreter that a `#!` line names; undefined for a file without one. */
function interpreterOf(head: string): string | undefined {
  const line = /^#![ \t]*(\/[^\s]*)/.exec(head);
  return line?.[1];
}
