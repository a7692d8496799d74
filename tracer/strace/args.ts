/** The command line of strace. Pure. */
import { TRACED } from './syscalls.ts';

/** Bytes of a buffer or argument that are printed: enough for a DNS answer of the usual size. */
const STRING_LIMIT = 600;

/** @param output a file or FIFO; passed as an argument, never through a shell */
export function straceArguments(output: string, command: readonly string[]): string[] {
  return [
    '-f',
    '--seccomp-bpf',
    '-y',
    '-q',
    // A child in a process namespace of its own has another pid there: both are told.
    '--decode-pids=pidns',
    '-s',
    String(STRING_LIMIT),
    '-e',
    // Those that end nothing are left out. Not `none`: then the end of a process by a signal is not told either.
    'signal=!SIGCHLD,SIGURG,SIGWINCH,SIGCONT',
    '-e',
    'abbrev=!execve,execveat',
    '-e',
    // A question mark: a name that this machine's system does not have is no error.
    `trace=${TRACED.map((name) => `?${name}`).join(',')}`,
    '-e',
    'inject=io_uring_setup:error=ENOSYS',
    '-o',
    output,
    '--',
    ...command,
  ];
}
