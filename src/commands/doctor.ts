/** `leastwise doctor`: what this machine can do. */
import type { Colour, Console } from '../console.ts';
import { CHECKS, type CheckResult, type CheckStatus } from '../doctor/checks.ts';
import { EXIT } from '../domain/errors.ts';
import { displayText } from '../domain/path.ts';

export interface DoctorFlags {
  readonly json?: boolean;
}

export async function runDoctor(flags: DoctorFlags, console: Console): Promise<number> {
  const results: CheckResult[] = [];
  for (const check of CHECKS) results.push(await check());
  const ready = results.every((result) => result.status !== 'missing');
  if (flags.json) console.out(JSON.stringify({ ready, checks: results }, null, 2));
  else report(results, ready, console);
  return ready ? EXIT.ok : EXIT.finding;
}

const MARKS: Readonly<Record<CheckStatus, readonly [Colour, string]>> = {
  ok: ['green', '✓ ok     '],
  warn: ['yellow', '! warn   '],
  missing: ['red', '✗ missing'],
};

function report(results: readonly CheckResult[], ready: boolean, console: Console): void {
  for (const { name, status, detail, remedy } of results) {
    const [colour, mark] = MARKS[status];
    console.out(`${console.paint(colour, mark)} ${name.padEnd(16)} ${displayText(detail)}`);
    if (remedy !== undefined) console.out(`${' '.repeat(27)}${displayText(remedy)}`);
  }
  console.out(ready ? 'recording and replaying work here' : 'mend what is missing, then try again');
}
