import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from './helpers/build.ts';

let folder: string;
let elsewhere: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'leastwise-pack-'));
  elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  writeFileSync(join(elsewhere, 'package.json'), '{"private":true}\n');
  must(run(ROOT, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder));
  const [tarball] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  must(run(elsewhere, 'npm', 'install', ...quiet, join(folder, tarball!)));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the package, installed elsewhere', () => {
  test('has the program and nothing of the workshop', () => {
    const installed = readdirSync(join(elsewhere, 'node_modules', 'leastwise', 'dist'));
    expect(installed.toSorted()).toEqual(['policies', 'src', 'synthesizer', 'tracer']);
  });

  test('shows its help and version', () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(must(leastwise('--help')).stdout).toContain('Usage: leastwise');
    expect(must(leastwise('--version')).stdout.trim()).toBe(version);
  });

  test('knows what the machine can do', () => {
    const { status, stdout } = leastwise('doctor', '--json');
    expect(status).toBeLessThan(2);
    expect(() => JSON.parse(stdout) as unknown).not.toThrow();
  });

  test('records and learns', () => {
    must(leastwise('record', '--name', 'reader', '--', 'cat', 'package.json'));
    must(leastwise('learn', '--name', 'reader', '-o', 'policy.json'));
    const policy = JSON.parse(readFileSync(join(elsewhere, 'policy.json'), 'utf8')) as { filesystem: unknown };
    expect(JSON.stringify(policy.filesystem)).toContain('${workspace}/package.json');
  });
});

function leastwise(...args: readonly string[]): ReturnType<typeof run> {
  return run(elsewhere, join(elsewhere, 'node_modules', '.bin', 'leastwise'), ...args);
}

/** With this test's own Node first, as for a user who has Node 24. */
function run(cwd: string, program: string, ...args: readonly string[]) {
  const path = [dirname(process.execPath), process.env['PATH']].join(delimiter);
  return spawnSync(program, args, { cwd, encoding: 'utf8', env: { ...process.env, PATH: path, LEASTWISE_STORE: '' } });
}

function must(result: ReturnType<typeof run>): ReturnType<typeof run> {
  expect(result.status, `${result.stdout}${result.stderr}${result.error?.message ?? ''}`).toBe(0);
  return result;
}
