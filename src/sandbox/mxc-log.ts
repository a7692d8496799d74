/** What lxc-exec's own log says about a run. Pure. */

import type { SandboxLog } from './sandbox.ts';

export function readMxcLog(text: string): SandboxLog {
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
