import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CLI } from '../helpers/record.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leastwise-test-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function doctor(environment: NodeJS.ProcessEnv, ...flags: string[]) {
  return spawnSync(process.execPath, [CLI, 'doctor', ...flags], { encoding: 'utf8', env: environment });
}

it('finds all that is needed where all is there, and tells it as JSON too', () => {
  const text = doctor(process.env);
  expect(text.status).toBe(0);
  expect(text.stdout).toMatch(/ok +strace +strace -- version \d/);
  const json = doctor(process.env, '--json');
  expect(json.status).toBe(0);
  expect(JSON.stringify(JSON.parse(json.stdout))).toContain('lxc-exec');
});

it('names what is missing, and how to get it', () => {
  // Everything in PATH but bubblewrap.
  for (const name of ['sh', 'env', 'strace', 'unshare', 'setpriv', 'mount', 'mkfifo', 'true', 'cat']) {
    symlinkSync(`/usr/bin/${name}`, join(folder, name));
  }
  const { status, stdout } = doctor({ ...process.env, PATH: folder });
  expect(status).toBe(1);
  expect(stdout).toMatch(/missing +bwrap/);
  expect(stdout).toMatch(/bubblewrap/);
});
