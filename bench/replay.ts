/** What a replay costs: `leastwise replay` against bare `lxc-exec` under the same strace, same request. `node dist/bench/replay.js [RUNS]` */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findLxcExec } from '../src/sandbox/find-lxc-exec.ts';
import { straceArguments } from '../tracer/strace/args.ts';
import { median } from './median.ts';

const GOAL = { ratio: 1.15, milliseconds: 150 };
const LOADS: Readonly<Record<string, string>> = {
  'nothing at all': 'true',
  '120 short processes': 'i=0; while [ $i -lt 120 ]; do /usr/bin/env true; i=$((i + 1)); done; echo done > out',
  'a tree of 2,000 files': 'find tree -type f -exec cat {} + > all; rm -r tree/1; cp -r tree/2 copy',
  '300,000 reads of a byte': 'dd if=/dev/zero of=bytes bs=1 count=300000 2> /dev/null',
};

const cli = fileURLToPath(new URL('../src/cli.js', import.meta.url));
const runs = Number(process.argv[2] ?? 7);
const base = mkdtempSync(join('/var/tmp', 'leastwise-bench-'));
let good = true;
try {
  process.stdout.write('| load | lxc-exec under strace | replay | goal at most |\n| --- | --- | --- | --- |\n');
  for (const [name, script] of Object.entries(LOADS)) good = measure(name, script) && good;
} finally {
  rmSync(base, { recursive: true, force: true });
}
process.exitCode = good ? 0 : 1;

function measure(name: string, script: string): boolean {
  const workspace = makeWorkspace();
  const policy = join(base, 'policy.json');
  const request = join(base, 'request.json');
  const store = ['--store', join(workspace, '..', 'store')];
  leastwise(workspace, ['record', '--disposable', '--name', 'bench', ...store, '--', 'sh', '-c', script]);
  leastwise(workspace, ['learn', '--name', 'bench', ...store, '-o', policy]);
  leastwise(workspace, ['export', policy, '-o', request]);
  const trace = join(base, 'trace');
  const bare: number[] = [];
  const replay: number[] = [];
  // One run of each is thrown away: the files come from the disk then.
  for (let run = 0; run <= runs; run++) {
    // Bare, it changes the real files: it gets fresh ones each time.
    makeWorkspace();
    const times = [
      millisecondsOf(workspace, 'strace', straceArguments(trace, [findLxcExec(), request])),
      (makeWorkspace(), millisecondsOf(workspace, process.execPath, [cli, 'replay', policy, ...store])),
    ] as const;
    if (run === 0) continue;
    bare.push(times[0]);
    replay.push(times[1]);
  }
  const [before, after] = [median(bare), median(replay)];
  const most = before * GOAL.ratio + GOAL.milliseconds;
  process.stdout.write(`| ${name} | ${before.toFixed(0)} ms | ${after.toFixed(0)} ms | ${most.toFixed(0)} ms |\n`);
  return after <= most;
}

function makeWorkspace(): string {
  const workspace = join(base, 'workspace');
  rmSync(workspace, { recursive: true, force: true });
  for (let folder = 0; folder < 20; folder++) {
    mkdirSync(join(workspace, 'tree', String(folder)), { recursive: true });
    for (let file = 0; file < 100; file++)
      writeFileSync(join(workspace, 'tree', String(folder), `${file}.txt`), 'text\n');
  }
  return workspace;
}

function leastwise(cwd: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [cli, ...args], { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`leastwise ${args[0]} ended with ${status}: ${stderr}`);
}

function millisecondsOf(cwd: string, program: string, args: readonly string[]): number {
  const started = process.hrtime.bigint();
  const { status, stderr, stdout } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status !== 0) throw new Error(`${program} ended with ${status}: ${stdout}${stderr}`);
  return Number(process.hrtime.bigint() - started) / 1e6;
}
