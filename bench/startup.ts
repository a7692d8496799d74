/** What starting costs: `leastwise --help` against `node -e 0`, medians of alternating runs. `node dist/bench/startup.js [RUNS]` */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './median.ts';

const GOAL = 2.5;
const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url));
const runs = Number(process.argv[2] ?? 20);

const bare: number[] = [];
const help: number[] = [];
// One run of each is thrown away: the files come from the disk then.
for (let run = 0; run <= runs; run++) {
  const times = [millisecondsOf(['-e', '0']), millisecondsOf([cli, '--help'])] as const;
  if (run === 0) continue;
  bare.push(times[0]);
  help.push(times[1]);
}
const ratio = median(help) / median(bare);
process.stdout.write(
  `leastwise --help ${median(help).toFixed(1)} ms, node -e 0 ${median(bare).toFixed(1)} ms: ` +
    `${ratio.toFixed(2)} times (goal: ${GOAL} at most), medians of ${runs} runs\n`,
);
process.exitCode = ratio <= GOAL ? 0 : 1;

function millisecondsOf(args: readonly string[]): number {
  const started = process.hrtime.bigint();
  const { status } = spawnSync(process.execPath, args, { stdio: 'ignore' });
  if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}
