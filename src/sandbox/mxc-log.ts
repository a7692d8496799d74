/** What lxc-exec's own log says about a run. Pure. */

export interface MxcLog {
  /** sha256 of the policy that was applied, as MXC writes it; null where it never got that far. */
  readonly policyHash: string | null;
  /** What was wrong with the request; null for nothing. */
  readonly refused: string | null;
  /** What went wrong in the backend, such as a mount that cannot be; null for nothing. */
  readonly backendError: string | null;
  /** Whether bubblewrap was started. */
  readonly spawned: boolean;
}

export function readMxcLog(text: string): MxcLog {
  // A line is written in pieces, each with the time in front.
  const lines = text.split('\n').map((line) => line.replace(/\[\d{9,}\] /g, ''));
  return {
    policyHash: /"policy_hash":"([^"]+)"/.exec(text)?.[1] ?? null,
    refused: after(lines, /^Configuration parse error: (?:Invalid one-shot request: )?/),
    backendError: after(lines, /^Error: /),
    spawned: lines.some((line) => line.startsWith('Bubblewrap: spawning')),
  };
}

function after(lines: readonly string[], start: RegExp): string | null {
  const line = lines.find((line) => start.test(line));
  return line === undefined ? null : line.replace(start, '');
}
