import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from './helpers/build.ts';

const PROGRAMS = ['strace', 'bwrap', 'slirp4netns', 'iptables', 'unshare', 'setpriv'];
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leastwise-setup-'));
  cpSync(join(ROOT, 'scripts'), join(folder, 'scripts'), { recursive: true });
  mkdirSync(join(folder, 'bin'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('system packages', () => {
  test('nothing is said or done where all is there', () => {
    provide(...PROGRAMS);
    expect(installPackages()).toBe('');
  });

  test('what is missing is named, with the command to run by hand, where it may not be installed', () => {
    provide(...PROGRAMS.filter((name) => name !== 'strace'), 'apt-get');
    const said = installPackages();
    expect(said).toContain('missing: strace');
    expect(said).toMatch(/Run as root: apt-get update && .*apt-get install -y .*strace/);
    expect(said.trim().split('\n')).toHaveLength(1);
  });

  test('what only the tests need is asked for when they are to run', () => {
    provide(...PROGRAMS, 'pacman');
    expect(installPackages()).toBe('');
    expect(installPackages('forTests: true,')).toMatch(/pacman -S --noconfirm --needed .*tmux python gcc/);
  });

  test('an unknown package manager is said to be one', () => {
    expect(installPackages()).toContain("Install them with this system's package manager");
  });

  test('the command is shown before it runs, and a failure after it says what to do', () => {
    provide(...PROGRAMS.filter((name) => name !== 'bwrap'), 'apk');
    const said = installPackages('uid: 0,');
    expect(said).toMatch(/^missing: bwrap, newuidmap; running: apk add bubblewrap shadow-uidmap$/m);
    expect(said).toMatch(/could not install bubblewrap .*Run as root: apk update && apk add bubblewrap/);
  });
});

test("a linked node_modules is another checkout's, and left alone", () => {
  symlinkSync('/nowhere', join(folder, 'node_modules'));
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist', '.stamp'), '');
  utimesSync(join(folder, 'dist', '.stamp'), new Date(), new Date(Date.now() + 3_600_000));
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(folder, 'scripts', 'setup.mjs')], {
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(readdirSync(folder).toSorted()).toEqual(['bin', 'dist', 'node_modules', 'scripts']);
});

/** Programs that are there; a package manager among them refuses. */
function provide(...names: readonly string[]): void {
  for (const name of names) writeFileSync(join(folder, 'bin', name), '#!/bin/false\n', { mode: 0o755 });
}

/** What the search for missing packages says and throws, for an ordinary user with only our programs. */
function installPackages(more = ''): string {
  const program = `
    import { installSystemPackages } from ${JSON.stringify(join(folder, 'scripts', 'system-packages.mjs'))};
    const say = (line) => console.log(line);
    try { installSystemPackages({ say, uid: 1000, path: process.env.PATH, ${more} }); } catch (error) { say(error.message); }`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
    env: { PATH: join(folder, 'bin') },
  });
  return stdout;
}
