/**
 * How long learning takes, and how much memory, for many distinct accesses: a tree of folders of ten files each, in the
 * order in which a walk meets them, one file in fifty created. Prints one line a size; each is learned from in a process of its own.
 *
 *   node dist/bench/learn.js [--store] [COUNT…]
 *
 * With --store the accesses are in a database first (filling it is not timed); opening and reading it count.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { argv, execPath, memoryUsage, stdout } from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Access } from '../src/domain/access.ts';
import type { Recording, RecordingInfo } from '../src/domain/recording.ts';
import { openStore } from '../src/store/open.ts';
import { learnPolicy } from '../synthesizer/learn.ts';

const REPEATS = 3;
const SIZES = [10_000, 100_000, 1_000_000];

function compareSizes(asked: readonly number[], fromStore: boolean): void {
  stdout.write('accesses   median s   peak RSS MB   grants   runs\n');
  for (const size of asked.length > 0 ? asked : SIZES) {
    const folder = fromStore ? mkdtempSync(join(tmpdir(), 'leastwise-bench-')) : '';
    if (fromStore) spawnSelf('--fill', String(size), folder);
    const runs = Array.from({ length: REPEATS }, () => runOne(size, folder)).sort((a, b) => a.seconds - b.seconds);
    if (fromStore) rmSync(folder, { recursive: true });
    const median = runs[REPEATS >> 1]!;
    const peak = Math.max(...runs.map((run) => run.megabytes));
    const cells = [size, median.seconds.toFixed(2), peak.toFixed(0), median.grants, REPEATS].map(String);
    stdout.write(
      `${cells[0]!.padEnd(10)} ${cells[1]!.padStart(8)} ${cells[2]!.padStart(13)} ${cells[3]!.padStart(8)} ${cells[4]!.padStart(6)}\n`,
    );
  }
}

interface Measured {
  readonly seconds: number;
  readonly megabytes: number;
  readonly grants: number;
}

function runOne(size: number, folder: string): Measured {
  return JSON.parse(spawnSelf('--one', String(size), folder)) as Measured;
}

function spawnSelf(...args: string[]): string {
  const result = spawnSync(execPath, [fileURLToPath(import.meta.url), ...args], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout;
}

function fill(size: number, folder: string): void {
  const store = openStore(folder, 'create');
  const writer = store.begin(INFO);
  writer.write(accessesOf(size), []);
  writer.update(INFO);
  store.close();
}

function measureOne(size: number, folder: string): void {
  const started = performance.now();
  const store = folder === '' ? undefined : openStore(folder, 'read');
  const made: Recording = { info: INFO, processes: [], accesses: accessesOf(size) };
  const { policy } = learnPolicy([store?.read(INFO.id) ?? made], { name: 'bench', decisions: [] });
  const seconds = (performance.now() - started) / 1000;
  store?.close();
  const { rss } = memoryUsage();
  const peak = Math.max(rss, process.resourceUsage().maxRSS * 1024);
  stdout.write(JSON.stringify({ seconds, megabytes: peak / 1e6, grants: policy.filesystem.length }));
}

/** Rows are made as they are asked for, as a database's cursor gives them. */
function* accessesOf(size: number): Generator<Access> {
  for (let index = 0; index < size; index += 1) {
    const folder = Math.floor(index / 10);
    const path = `/data/tree/${folder % 97}/${folder}/file-${index}.txt`;
    yield {
      operation: index % 50 === 0 ? 'create' : 'read',
      object: { kind: 'path', path, links: [], type: 'file' },
      outcome: 'ok',
      evidence: `openat(AT_FDCWD</w>, "${path}", O_RDONLY|O_CLOEXEC) = 3<${path}>`,
      program: '/usr/bin/reader',
      count: 1,
      first: index,
      last: index,
      process: 1,
    };
  }
}

const INFO: RecordingInfo = {
  id: 'r1',
  name: 'bench',
  flavour: 'posix',
  command: ['/usr/bin/reader'],
  cwd: '/w',
  workspace: '/w',
  home: '/home/u',
  tmp: '/tmp',
  uid: 1000,
  tracer: 'none',
  started: 0,
  status: 'complete',
  problems: [],
  disposable: false,
  homes: [],
  tmps: [],
  environment: [],
  outputs: [],
};

const [mode, ...rest] = argv.slice(2);
if (mode === '--one') measureOne(Number(rest[0]), rest[1] ?? '');
else if (mode === '--fill') fill(Number(rest[0]), rest[1]!);
else if (mode === '--store') compareSizes(rest.map(Number), true);
else compareSizes((mode === undefined ? [] : [mode, ...rest]).map(Number), false);
