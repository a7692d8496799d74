/** Exit codes as a shell tells them: a fatal signal N is 128 + N. Pure. */
import type { Exit, RecordingInfo } from '../domain/recording.ts';

export function exitNumber(exit: Exit): number | null {
  if ('code' in exit) return exit.code;
  const number = SIGNALS[exit.signal];
  return number === undefined ? null : 128 + number;
}

/** What all of these recordings exited with; null where they do not agree, or it is not known. */
export function expectedExit(infos: readonly RecordingInfo[]): number | null {
  const codes = new Set(infos.map((info) => (info.exit === undefined ? null : exitNumber(info.exit))));
  return codes.size === 1 ? [...codes][0]! : null;
}

/** Linux, x64 and arm64. */
const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGILL: 4,
  SIGTRAP: 5,
  SIGABRT: 6,
  SIGBUS: 7,
  SIGFPE: 8,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGSTKFLT: 16,
  SIGXCPU: 24,
  SIGXFSZ: 25,
  SIGVTALRM: 26,
  SIGPROF: 27,
  SIGIO: 29,
  SIGPWR: 30,
  SIGSYS: 31,
};
