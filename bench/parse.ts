/**
 * Streams a synthetic trace of 5 million lines through the whole pipeline, the store included.
 * Prints lines a second on one core, and the peak memory.   node bench/parse.ts [LINES]
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessAccumulator } from '../src/recording/accumulate.ts';
import type { RecordingInfo } from '../src/domain/recording.ts';
import { openStore } from '../src/store/open.ts';
import { hostFiles } from '../tracer/strace/host-files.ts';
import { TraceReader } from '../tracer/strace/resolve.ts';

const LINES = Number(process.argv[2] ?? 5_000_000);
const CHUNK_LINES = 400;
const FILES = 20_000;

const folder = mkdtempSync(join(tmpdir(), 'leastwise-bench-'));
const work = join(folder, 'work');
try {
  makeFiles();
  const making = cpuSeconds(() => {
    for (const chunk of makeChunks()) Buffer.from(chunk, 'latin1').toString('latin1');
  });
  const whole = cpuSeconds(() => stream(makeChunks(), folder));
  const rows = countRows();
  const seconds = whole - making;
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(`${LINES} lines, ${rows} distinct accesses: ${seconds.toFixed(1)} s of processor time`);
  console.log(`${Math.round(LINES / seconds)} lines a second on one core, peak ${Math.round(peak)} MB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Processor time, which others on the machine do not stretch; all threads, the collector's too. */
function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000_000;
}

/** The files that the trace speaks of are there: the tracer asks the host about them. */
function makeFiles(): void {
  for (let part = 0; part < 200; part++) mkdirSync(join(work, 'src', `part${part}`), { recursive: true });
  for (let file = 0; file < FILES; file++) writeFileSync(join(work, 'src', `part${file % 200}`, `f${file}.c`), '');
  mkdirSync(join(work, 'include'));
  for (let header = 0; header < 60; header++) writeFileSync(join(work, 'include', `header${header}.h`), '');
  writeFileSync(join(work, 'Makefile'), '');
}

function countRows(): number {
  const store = openStore(folder, 'read');
  let rows = 0;
  for (const _ of store.read('bench').accesses) rows++;
  store.close();
  return rows;
}

function stream(chunks: Iterable<string>, store: string): void {
  const opened = openStore(store, 'create');
  const accumulator = new AccessAccumulator();
  const writer = opened.begin(info());
  const flush = (): void => {
    const { accesses, processes } = accumulator.drain();
    writer.write(accesses, processes);
  };
  let events = 0;
  const reader = new TraceReader({
    cwd: work,
    host: hostFiles,
    started: Date.now(),
    isRoot: true,
    onEvent: (event) => {
      accumulator.push(event);
      if (++events % 20_000 === 0) flush();
    },
  });
  for (const chunk of chunks) pushLines(Buffer.from(chunk, 'latin1').toString('latin1'), reader);
  flush();
  writer.update(info());
  const count = [...accumulator.problems()].map((problem) => `${problem.kind} ${problem.count} ${problem.detail}`);
  if (count.length > 0) console.log(count.join('\n'));
  opened.close();
}

function pushLines(text: string, reader: TraceReader): void {
  let from = 0;
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
    reader.push(text.slice(from, end), 1_700_000_000_000);
    from = end + 1;
  }
}

/** What a build or an agent does: short processes that load the same libraries, and each reads files of its own. */
function* makeChunks(): Generator<string> {
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
    ...{ id: 'bench', name: 'bench', flavour: 'posix', command: ['make'], tracer: 'strace', started: 0 },
    ...place,
    ...none,
    status: 'complete',
    disposable: false,
  };
}
