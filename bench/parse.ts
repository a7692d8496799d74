/**
 * Streams a synthetic trace through the whole pipeline, the store included, as a recording does: one process writes
 * the lines, another reads and keeps them. Prints lines a second on one core, and the reader's peak memory.
 *
 *   node dist/bench/parse.js [LINES]      5 million by default
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AccessAccumulator } from '../src/recording/accumulate.ts';
import type { RecordingInfo } from '../src/domain/recording.ts';
import { keepHeapSmall, startSmall } from '../src/recording/heap.ts';
import { FileWatch } from '../src/recording/watch-files.ts';
import { openStore } from '../src/store/open.ts';
import { hostFiles } from '../tracer/strace/host-files.ts';
import { LineSplitter } from '../tracer/strace/read-lines.ts';
import { TraceReader } from '../tracer/strace/resolve.ts';

const LINES = Number(process.argv[2] ?? 5_000_000);
const CHUNK_LINES = 400;
const FILES = 20_000;
const FLUSH_ROWS = 5_000;
const FLUSH_MS = 1000;

const readsFor = process.env['BENCH_READS_FOR'];
if (readsFor === undefined) await writeTrace();
else readTrace(readsFor);

/** The process that writes: makes the files that the trace speaks of, and the lines. */
async function writeTrace(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'leastwise-bench-'));
  try {
    makeFiles(join(folder, 'work'));
    const reader = spawn(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), String(LINES)], {
      stdio: ['pipe', 'inherit', 'inherit'],
      env: { ...process.env, BENCH_READS_FOR: folder },
    });
    const ended = once(reader, 'exit');
    for (const chunk of makeChunks(join(folder, 'work'))) {
      if (!reader.stdin.write(chunk, 'latin1')) await once(reader.stdin, 'drain');
    }
    reader.stdin.end();
    await ended;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The process that reads, and is measured: processor time of all its threads, which others do not stretch. */
function readTrace(folder: string): void {
  startSmall();
  const opened = openStore(folder, 'create');
  const accumulator = new AccessAccumulator();
  const writer = opened.begin(info());
  const watch = new FileWatch();
  let keeping = 0;
  let parsing = 0;
  const flush = (all = false): void => {
    const begun = secondsUsed();
    keepHeapSmall();
    const { accesses, processes } = accumulator.drain(all);
    writer.write(accesses, processes);
    keeping += secondsUsed() - begun;
  };
  const reader = new TraceReader({
    cwd: join(folder, 'work'),
    host: hostFiles,
    started: Date.now(),
    isRoot: true,
    onEvent: (event) => {
      if (accumulator.push(event)) watch.push(event);
      if (accumulator.pending >= FLUSH_ROWS) flush();
    },
  });
  let lines = 0;
  const splitter = new LineSplitter((text, from, end, time) => {
    lines += 1;
    reader.push(text, time, from, end);
  });
  const before = secondsUsed();
  const buffer = Buffer.allocUnsafeSlow(64 * 1024);
  let flushed = Date.now();
  for (let length = readSync(0, buffer); length > 0; length = readSync(0, buffer)) {
    const piece = buffer.toString('latin1', 0, length);
    const [begun, kept] = [secondsUsed(), keeping];
    splitter.push(piece);
    parsing += secondsUsed() - begun - (keeping - kept);
    if (Date.now() - flushed < FLUSH_MS) continue;
    flush();
    flushed = Date.now();
  }
  splitter.end();
  flush(true);
  writer.update(info());
  opened.close();
  const seconds = secondsUsed() - before;
  const peak = process.resourceUsage().maxRSS / 1024;
  for (const { kind, count, detail } of accumulator.problems()) console.log(`${kind} ${count} ${detail}`);
  const rate = (used: number) => `${used.toFixed(1)} s, ${Math.round(lines / used)} lines a second`;
  console.log(`${lines} lines; processor time of all threads`);
  console.log(`parsing, stitching, resolving, adding up: ${rate(parsing)} (goal 400000)`);
  console.log(`with reading the pipe, and keeping rows in the store (${keeping.toFixed(1)} s): ${rate(seconds)}`);
  console.log(`peak memory ${Math.round(peak)} MB`);
}

function secondsUsed(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

/** The files that the trace speaks of are there: the tracer asks the host about them. */
function makeFiles(work: string): void {
  for (let part = 0; part < 200; part++) mkdirSync(join(work, 'src', `part${part}`), { recursive: true });
  for (let file = 0; file < FILES; file++) writeFileSync(join(work, 'src', `part${file % 200}`, `f${file}.c`), '');
  mkdirSync(join(work, 'include'));
  for (let header = 0; header < 60; header++) writeFileSync(join(work, 'include', `header${header}.h`), '');
  writeFileSync(join(work, 'Makefile'), '');
}

/** What a build or an agent does: short processes that load the same libraries, and each reads files of its own. */
function* makeChunks(work: string): Generator<string> {
  let pid = 1000;
  let lines: string[] = [`1000  execve("/usr/bin/make", ["make"], ["HOME=/root", "PATH=/usr/bin"]) = 0`];
  for (let made = 0, file = 0; made < LINES;) {
    const child = ++pid;
    lines.push(
      `1000  clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|CLONE_CHILD_SETTID|SIGCHLD, child_tidptr=0x7f40) = ${child}`,
    );
    lines.push(`${child}  execve("/usr/bin/cc", ["cc", "-c", "file${file}.c"], ["HOME=/root", "PATH=/usr/bin"]) = 0`);
    for (let index = 0; index < 170; index++) {
      lines.push(
        `${child}  openat(AT_FDCWD<${work}>, "${work}/include/header${index % 60}.h", O_RDONLY|O_CLOEXEC) = 3<${work}/include/header${index % 60}.h>`,
      );
      lines.push(
        `${child}  newfstatat(3<${work}/include/header${index % 60}.h>, "", {st_mode=S_IFREG|0644, st_size=34987, ...}, AT_EMPTY_PATH) = 0`,
      );
      lines.push(
        `${child}  openat(AT_FDCWD<${work}>, "${work}/local/header${index % 60}.h", O_RDONLY|O_NOCTTY) = -1 ENOENT (No such file or directory)`,
      );
      if (index % 10 !== 0) continue;
      lines.push(`${child}  access("${work}/src/part${file % 200}/f${file % FILES}.c", R_OK <unfinished ...>`);
      lines.push(
        `1000  newfstatat(AT_FDCWD<${work}>, "${work}/Makefile", {st_mode=S_IFREG|0644, st_size=3498, ...}, 0) = 0`,
      );
      lines.push(`${child}  <... access resumed>)               = 0`);
      lines.push(
        `${child}  openat(AT_FDCWD<${work}>, "${work}/src/part${file % 200}/f${file % FILES}.c", O_RDONLY) = 4<${work}/src/part${file % 200}/f${file % FILES}.c>`,
      );
      file++;
    }
    lines.push(`${child}  +++ exited with 0 +++`);
    made += lines.length;
    for (let at = 0; at < lines.length; at += CHUNK_LINES) yield `${lines.slice(at, at + CHUNK_LINES).join('\n')}\n`;
    lines = [];
    if (pid > 4_000_000) pid = 1000;
  }
}

function info(): RecordingInfo {
  const place = { cwd: '/work', workspace: '/work', home: '/root', tmp: '/tmp', uid: 0 };
  const none = { problems: [], homes: [], tmps: [], environment: [], outputs: [] };
  return {
    id: 'bench',
    name: 'bench',
    flavour: 'posix',
    command: ['make'],
    tracer: 'strace',
    started: 0,
    ...place,
    ...none,
    status: 'complete',
    disposable: false,
  };
}
