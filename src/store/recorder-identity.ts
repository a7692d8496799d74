/** Which process records: its pid, and when it started, so that a pid used again is not taken for it. */
import { readFileSync } from 'node:fs';

export function thisRecorder(): string {
  return `${process.pid}:${startOf(process.pid) ?? ''}`;
}

export function isRecorderAlive(recorder: string): boolean {
  const [pid, start] = recorder.split(':');
  return startOf(Number(pid)) === start;
}

/** Clock ticks from boot to the start of a process; undefined where there is no such process. */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The program's name stands in brackets and may hold anything.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}
