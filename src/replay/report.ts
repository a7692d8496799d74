/** A verdict as lines for people. */
import type { Console } from '../console.ts';
import { displayText } from '../domain/path.ts';
import type { Denial, Effect, Verdict } from '../domain/verdict.ts';

const DENIALS_SHOWN = 20;
const EFFECTS_SHOWN = 10;
const ARGUMENTS_SHOWN = 100;

export function reportVerdict(verdict: Verdict, console: Console): void {
  const good = verdict.verdict === 'holds';
  const mark = good ? '✓' : '✗';
  console.out(`${console.paint(good ? 'green' : 'red', `${mark} ${verdict.verdict}`)}: ${displayText(verdict.reason)}`);
  const shown = verdict.denials.slice(0, DENIALS_SHOWN);
  for (const denial of shown) denialLines(denial, console).forEach((line) => console.out(line));
  more(verdict.denials.length - shown.length, 'denials', console);
  const effects = verdict.effects.filter((effect) => effect.kind !== 'lost');
  for (const effect of effects.slice(0, EFFECTS_SHOWN)) console.out(`  ${effectLine(effect)}`);
  more(effects.length - EFFECTS_SHOWN, 'effects', console);
  const lost = verdict.effects.length - effects.length;
  if (lost > 0)
    console.out(
      `  thrown away with the sandbox's own temporary folders: ${lost} files and folders (--json lists them)`,
    );
  if (verdict.verdict !== 'could not run') console.out(`  exit code ${exitText(verdict)}`);
  for (const caveat of verdict.caveats) console.out(`  ${console.paint('yellow', 'note')}: ${displayText(caveat)}`);
  if (verdict.policyHash !== null)
    console.out(console.paint('dim', `  MXC enforced policy ${displayText(verdict.policyHash)}`));
  const next = nextStep(verdict);
  if (next) console.out(`  next: ${next}`);
}

function denialLines(denial: Denial, console: Console): string[] {
  const times = denial.count > 1 ? ` (${denial.count} times)` : '';
  const saw = denial.errno === null ? 'it was told that all is well' : `it saw ${denial.errno}`;
  const grant = denial.grant === null ? '' : ` [${displayText(denial.grant)}]`;
  const argv = displayText(denial.program.argv.join(' ')).slice(0, ARGUMENTS_SHOWN);
  const head = `${denial.operation} ${displayText(denial.object)}`;
  return [
    `  ${console.paint(denial.decided ? 'dim' : 'bold', head)}${times}`,
    `    ${displayText(denial.because)}${grant}; ${saw}`,
    console.paint(
      'dim',
      `    by ${displayText(denial.program.executable)} (${denial.program.pids.join(' > ')}): ${argv}`,
    ),
  ];
}

function effectLine(effect: Effect): string {
  const path = displayText(effect.path);
  switch (effect.kind) {
    case 'missing':
      return `missing: ${path}, which the recorded run left behind`;
    case 'differs':
      return `differs: ${path} is a ${effect.seen}, and was a ${effect.expected}`;
    case 'lost':
      return `lost, as everything there is: ${path}`;
    case 'extra':
      return `new: ${path}`;
  }
}

function exitText({ exitCode: { expected, seen } }: Verdict): string {
  const now = seen === null ? 'unknown' : String(seen);
  if (expected === null) return `${now} (not known from the recordings)`;
  return expected === seen ? `${now}, as recorded` : `${now}, where the recording had ${expected}`;
}

function more(count: number, what: string, console: Console): void {
  if (count > 0) console.out(`  and ${count} more ${what}; --json lists all`);
}

function nextStep(verdict: Verdict): string | undefined {
  switch (verdict.verdict) {
    case 'holds':
      return undefined;
    case 'denied':
      return 'where it should be allowed, record the run that needs it and learn again, or decide with "leastwise learn --allow PATTERN"';
    case 'differs':
      return 'record the workload once more in a fresh workspace, and learn from both runs';
    case 'could not run':
      return '"leastwise doctor" says what this machine can do';
  }
}
