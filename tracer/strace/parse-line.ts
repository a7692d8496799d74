/** One line of strace's output → its parts. Pure, never throws: what is not understood is said so. */
import { textOfBytes } from '../../src/domain/path.ts';

export type ParsedLine =
  | SyscallLine
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'superseded'; readonly by: number }
  | { readonly kind: 'signal' } // a signal was delivered; nothing to do
  | { readonly kind: 'unparsed' };

export interface SyscallLine {
  readonly kind: 'syscall';
  readonly name: string;
  /** As printed, not unescaped. */
  readonly args: readonly string[];
  /** `ok`, or the error's name; `?` where the call never returned. */
  readonly outcome: string;
  /** What stands after `= ` where the call succeeded. */
  readonly result: string;
}

const UNPARSED: ParsedLine = { kind: 'unparsed' };
const SIGNAL: ParsedLine = { kind: 'signal' };

/** @param text the line without the pid in front, whole (see `stitch.ts`) */
export function parseLine(text: string): ParsedLine {
  const first = text.charCodeAt(0);
  if (first === 43) return parseEnd(text);
  if (first === 45) return text.startsWith('--- ') ? SIGNAL : UNPARSED;
  const open = text.indexOf('(');
  if (open <= 0 || !NAME.test(text.slice(0, open))) return UNPARSED;
  const split = splitArguments(text, open + 1);
  if (split === undefined) return UNPARSED;
  const equals = text.indexOf('= ', split.end);
  if (equals < 0) return UNPARSED;
  return withResult(text.slice(0, open), split.args, text.slice(equals + 2));
}

const NAME = /^[a-z_][a-z0-9_]*$/;

function parseEnd(text: string): ParsedLine {
  const exited = /^\+\+\+ exited with (\d+) \+\+\+$/.exec(text);
  if (exited !== null) return { kind: 'exited', code: Number(exited[1]) };
  const killed = /^\+\+\+ killed by (SIG[A-Z0-9_+]+)(?: \(core dumped\))? \+\+\+$/.exec(text);
  if (killed !== null) return { kind: 'killed', signal: killed[1]! };
  const superseded = /^\+\+\+ superseded by execve in pid (\d+) \+\+\+$/.exec(text);
  return superseded === null ? UNPARSED : { kind: 'superseded', by: Number(superseded[1]) };
}

function withResult(name: string, args: readonly string[], result: string): ParsedLine {
  const first = result.charCodeAt(0);
  if (first === 45) {
    const error = /^-\d+ (E[A-Z0-9]+)/.exec(result);
    return error === null ? UNPARSED : { kind: 'syscall', name, args, outcome: error[1]!, result: '' };
  }
  if (first === 63)
    return {
      kind: 'syscall',
      name,
      args,
      outcome: result.length > 2 ? (result.split(' ')[1] ?? '?') : '?',
      result: '',
    };
  if (first < 48 || first > 57) return UNPARSED;
  return { kind: 'syscall', name, args, outcome: 'ok', result };
}

/** The arguments from `from` up to the call's closing bracket; undefined where there is none. */
export function splitArguments(
  text: string,
  from: number,
): { readonly args: string[]; readonly end: number } | undefined {
  const args: string[] = [];
  let start = from;
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at + 1);
      if (at < 0) return undefined;
    } else if (code === LESS && startsDescriptorPath(text, at)) {
      at = text.indexOf('>', at);
      if (at < 0) return undefined;
    } else if (code === SLASH && text.charCodeAt(at + 1) === STAR) {
      const end = text.indexOf('*/', at + 2);
      if (end < 0) return undefined;
      at = end + 1;
    } else if (code === OPEN_ROUND || code === OPEN_CURLY || code === OPEN_SQUARE) depth += 1;
    else if (code === CLOSE_CURLY || code === CLOSE_SQUARE) depth -= 1;
    else if (code === CLOSE_ROUND) {
      if (depth <= 0) {
        if (at > from) args.push(text.slice(start, at));
        return { args, end: at + 1 };
      }
      depth -= 1;
    } else if (code === COMMA && depth <= 0) {
      args.push(text.slice(start, at));
      start = at + 2;
    }
  }
  return undefined;
}

const QUOTE = 34;
const LESS = 60;
const SLASH = 47;
const STAR = 42;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN_ROUND = 40;
const CLOSE_ROUND = 41;
const OPEN_SQUARE = 91;
const CLOSE_SQUARE = 93;
const OPEN_CURLY = 123;
const CLOSE_CURLY = 125;

/** `3</path>` and `AT_FDCWD</path>` hold a path in which `<` and `>` are escaped; `<<` is a shift. */
function startsDescriptorPath(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at + 1);
  return after !== LESS && before !== LESS && ((before >= 48 && before <= 57) || (before >= 65 && before <= 90));
}

/** Where the string that begins at `from` ends (its closing quote); -1 where it does not. */
function endOfString(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
  return -1;
}

/** The text of a printed string argument (`"…"`); undefined where it is none (NULL, an address). */
export function stringArgument(arg: string | undefined): string | undefined {
  if (arg === undefined || arg.charCodeAt(0) !== QUOTE) return undefined;
  const end = arg.lastIndexOf('"');
  if (end <= 0) return undefined;
  return unescapeText(arg.slice(1, end));
}

/** The path that strace printed for a descriptor (`3</path>`); undefined for none, or for what is no path. */
export function descriptorPath(arg: string | undefined): string | undefined {
  if (arg === undefined) return undefined;
  const open = arg.indexOf('<');
  const close = arg.indexOf('>', open);
  if (open < 0 || close < 0 || arg.charCodeAt(open + 1) !== SLASH) return undefined;
  return unescapeText(arg.slice(open + 1, close));
}

/** C escapes → text. Invalid escapes stay as they are. */
function unescapeText(escaped: string): string {
  if (!escaped.includes('\\')) return escaped;
  return textOfBytes(unescapeBytes(escaped));
}

export function unescapeBytes(escaped: string): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < escaped.length; at += 1) {
    const code = escaped.charCodeAt(at);
    if (code !== BACKSLASH) {
      bytes.push(code & 0xff);
      continue;
    }
    const octal = /^[0-7]{1,3}/.exec(escaped.slice(at + 1, at + 4));
    if (octal !== null) {
      bytes.push(Number.parseInt(octal[0], 8) & 0xff);
      at += octal[0].length;
      continue;
    }
    const next = escaped[at + 1] ?? '\\';
    if (next === 'x') {
      bytes.push(Number.parseInt(escaped.slice(at + 2, at + 4), 16) & 0xff);
      at += 3;
      continue;
    }
    bytes.push(SIMPLE[next] ?? next.charCodeAt(0) & 0xff);
    at += 1;
  }
  return Uint8Array.from(bytes);
}

const SIMPLE: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12, a: 7, b: 8, '"': 34, '\\': 92 };
