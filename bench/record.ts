/**
 * What a recording costs: `leastwise record` against bare `strace -f --seccomp-bpf -y` with the same system calls to a
 * file, and against no tracer at all, on three loads that are dense in system calls. Runs take turns; medians.
 *
 *   node dist/bench/record.js [RUNS]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { straceArguments } from '../tracer/strace/args.ts';
import { median } from './median.ts';

const GOAL = 1.1;
const CLI = fileURLToPath(new URL('../src/cli.js', import.meta.url));

const runs = Number(process.argv[2] ?? 7);
const base = mkdtempSync(join(tmpdir(), 'leastwise-bench-'));
try {
  makeTree(join(base, 'tree'));
  makeSources(base);
  console.log(`medians of ${runs} runs each\n`);
  console.log('| load | untraced | strace to a file | leastwise record | ratio (goal 1.10) |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [name, command] of Object.entries(loads())) measure(name, command);
} finally {
  rmSync(base, { recursive: true, force: true });
}

function loads(): Readonly<Record<string, readonly string[]>> {
  const walk = `const fs=require('fs');const w=d=>{for(const e of fs.readdirSync(d,{withFileTypes:true})){const p=d+'/'+e.name;if(e.isDirectory())w(p);else{fs.statSync(p);fs.closeSync(fs.openSync(p))}}};for(let i=0;i<4;i++)w('tree')`;
  return {
    '2,400 short processes': ['sh', '-c', 'i=0; while [ $i -lt 2400 ]; do /bin/true; i=$((i+1)); done'],
    '24 gcc compilations': ['sh', '-c', 'for i in 1 2 3 4; do for f in s*.c; do cc -O1 -c -o out.o $f; done; done'],
    'node walking 8,000 files 4 times, open and stat each': [process.execPath, '-e', walk],
  };
}

function measure(name: string, command: readonly string[]): void {
  const bare: number[] = [];
  const strace: number[] = [];
  const record: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const times = [
      millisecondsOf(command),
      millisecondsOf(['strace', ...straceArguments(join(base, 'trace'), command)]),
      millisecondsOf([process.execPath, CLI, 'record', '--store', join(base, 'store'), '--', ...command]),
    ] as const;
    // The first round warms the caches of files.
    if (run === 0) continue;
    bare.push(times[0]);
    strace.push(times[1]);
    record.push(times[2]);
  }
  const [none, plain, ours] = [median(bare), median(strace), median(record)];
  const ratio = ours / plain;
  console.log(
    `| ${name} | ${none.toFixed(0)} ms | ${plain.toFixed(0)} ms | ${ours.toFixed(0)} ms | ${ratio.toFixed(2)} |`,
  );
  if (ratio > GOAL) process.exitCode = 1;
}

function millisecondsOf(argv: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(argv[0]!, argv.slice(1), {
    cwd: base,
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${argv.slice(0, 4).join(' ')}: ${stderr}`);
  return performance.now() - started;
}

function makeTree(tree: string): void {
  for (let folder = 0; folder < 80; folder += 1) {
    mkdirSync(join(tree, `d${folder}`), { recursive: true });
    for (let file = 0; file < 100; file += 1) writeFileSync(join(tree, `d${folder}`, `f${file}`), '');
  }
}

function makeSources(folder: string): void {
  for (let source = 0; source < 6; source += 1) {
    writeFileSync(
      join(folder, `s${source}.c`),
      `#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\nint f${source}(int x) { return x * ${source}; }\n`,
    );
  }
}
