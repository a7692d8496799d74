/** The line that MXC gives to `sh -c`. Pure. */
import { shellWord } from '../../synthesizer/targets/shell-quote.ts';
import { LeastwiseError } from '../domain/errors.ts';

/** A single argument of execve may have 131,072 bytes with the NUL at its end. */
const LONGEST = 131_071;

export interface CommandLineRequest {
  readonly command: readonly string[];
  /** Letters and digits; makes the marker unique. */
  readonly nonce: string;
  /** Whether `env` can unblock signals: MXC starts the workload with HUP, INT and TERM blocked. */
  readonly unblock: boolean;
}

/** What the command line of the workload's first process starts with: its first argument after `-c`. */
export function markerOf(nonce: string): string {
  return `: leastwise-${nonce};`;
}

export function shellLine(request: CommandLineRequest): string {
  const words = request.command.map(quoted).join(' ');
  // `env` would take a program with an equals sign in its name for a variable.
  const unblock = request.unblock && !request.command[0]!.includes('=');
  const line = `${markerOf(request.nonce)} exec ${unblock ? `/usr/bin/env --default-signal=HUP,INT,TERM -- ` : ''}${words}`;
  if (Buffer.byteLength(line) <= LONGEST) return line;
  throw new LeastwiseError(
    'sandbox',
    `the command line is too long for MXC: ${Buffer.byteLength(line)} bytes, ${LONGEST} at most`,
    'put the arguments into a file',
  );
}

function quoted(word: string): string {
  if (word.includes('\0')) throw new LeastwiseError('usage', 'an argument of the command holds a NUL byte');
  return shellWord(word);
}
