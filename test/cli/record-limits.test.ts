/** What record does where something outside of it ends, is full, or may not be written; and that a terminal stays one. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CLI, makeBench, type Bench } from '../helpers/record.ts';

let bench: Bench;
beforeEach(() => {
  bench = makeBench();
});
afterEach(() => bench.dispose());

it.each(['SIGTERM', 'SIGHUP'] as const)('passes %s on to the workload', async (signal) => {
  const script = `trap 'echo got; exit 5' TERM HUP; echo ready; while :; do sleep 0.05; done`;
  const child = spawn(process.execPath, [CLI, 'record', '--', '/bin/sh', '-c', script], {
    cwd: bench.folder,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.on('data', (text) => {
    said += String(text);
    if (said === 'ready\n') child.kill(signal);
  });
  const [code] = (await once(child, 'exit')) as [number];
  expect({ said, code }).toEqual({ said: 'ready\ngot\n', code: 5 });
  expect(bench.show().recording.status).toBe('complete');
});

it('lets the workload end on a full disk, says so, and leaves a store that opens', () => {
  const small = join(bench.folder, 'small');
  mkdirSync(small);
  const work =
    'i=0; while [ $i -lt 900 ]; do cat /no-such-name-of-some-length-$i; i=$((i+1)); done 2>/dev/null; exit 6';
  const script = [
    'mount -t tmpfs -o size=200k none "$1" || exit 99',
    `"$2" "$3" record --store "$1/store" -- /bin/sh -c '${work}'; echo "exit $?"`,
    '"$2" "$3" runs --store "$1/store" --json',
  ].join('\n');
  const names = ['--user', '--map-root-user', '--mount', '/bin/sh', '-c', script, 'sh', small, process.execPath, CLI];
  const ended = spawnSync('unshare', names, { cwd: bench.folder, encoding: 'utf8' });
  const [first, ...rest] = ended.stdout.split('\n');
  expect(first).toBe('exit 6');
  expect(ended.stderr).toMatch(/cannot be kept.*full/);
  expect(JSON.parse(rest.join('\n'))).toMatchObject([{ status: 'incomplete' }]);
});

it('says before the workload starts that a workspace cannot be written, and what to do', () => {
  const workspace = join(bench.folder, 'fixed');
  mkdirSync(workspace);
  chmodSync(workspace, 0o555);
  // Root may write anywhere: for both, the folder lies on a file system that is mounted read-only.
  const script =
    'mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" && cd "$1" && exec "$2" "$3" record -- touch "$4"';
  const made = join(bench.folder, 'made');
  const names = [
    '--user',
    '--map-root-user',
    '--mount',
    '/bin/sh',
    '-c',
    script,
    'sh',
    workspace,
    process.execPath,
    CLI,
    made,
  ];
  const { LEASTWISE_STORE: _store, ...environment } = process.env;
  const ended = spawnSync('unshare', names, { encoding: 'utf8', env: environment });
  expect(ended.status).toBe(2);
  expect(ended.stderr).toMatch(/cannot keep recordings in .*fixed/);
  expect(ended.stderr).toContain('--store DIR');
  expect(existsSync(made)).toBe(false);
  chmodSync(workspace, 0o755);
});

it('leaves the terminal to the workload: its size, its colours, its Ctrl-C', async () => {
  const socket = join(bench.folder, 'tmux');
  const report = join(bench.folder, 'report');
  const tmux = (...args: string[]) =>
    spawnSync('tmux', ['-S', socket, '-f', '/dev/null', ...args], { encoding: 'utf8' });
  const work = `trap 'echo interrupted >> report; exit 3' INT; { stty size; test -t 0 && test -t 2 && echo terminal; } > report; while :; do sleep 0.05; done`;
  const command = `${process.execPath} ${CLI} record -- sh -c "$WORK"; echo "exit $?" >> report; sleep 60`;
  tmux('new-session', '-d', '-x', '97', '-y', '31', '-c', bench.folder, '-e', `WORK=${work}`, command);
  try {
    await holds(report, 'terminal\n');
    tmux('send-keys', 'C-c');
    await holds(report, 'exit 3\n');
    expect(readFileSync(report, 'utf8')).toBe('31 97\nterminal\ninterrupted\nexit 3\n');
  } finally {
    tmux('kill-server');
  }
});

/** Resolves when a file ends with a text; the test's own time limit ends the wait. */
async function holds(file: string, end: string): Promise<void> {
  while (!existsSync(file) || !readFileSync(file, 'utf8').endsWith(end)) await wait(20);
}
