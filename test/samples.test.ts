import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ROOT } from './helpers/build.ts';

const AGENT = join(ROOT, 'samples', 'agent.ts');
let folder: string;
let project: string;
let home: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'leastwise-samples-'));
  project = join(folder, 'project');
  home = join(folder, 'home');
  cpSync(join(ROOT, 'samples', 'workspace'), project, { recursive: true });
  mkdirSync(home);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the sample agent', () => {
  test('mends the project, writes its notes, and ends its model server', async () => {
    const { code, out } = await run(AGENT);
    expect(code).toBe(0);
    expect(out).toContain('run_command node --test: exit code 1');
    expect(out).toContain('run_command node --test: exit code 0');
    expect(readFileSync(join(project, 'src', 'bill.js'), 'utf8')).toContain('item.price * item.count');
    expect(existsSync(join(project, 'NOTES.md'))).toBe(true);
  });

  test('does the same each time', async () => {
    const first = await run(AGENT);
    rmSync(project, { recursive: true });
    cpSync(join(ROOT, 'samples', 'workspace'), project, { recursive: true });
    expect(masked((await run(AGENT)).out)).toBe(masked(first.out));
  });

  test('reaches too far when told to: a credential, another folder, a host', async () => {
    mkdirSync(join(home, '.aws'));
    writeFileSync(join(home, '.aws', 'credentials'), 'something secret\n');
    const { code, out } = await run(AGENT, '--overreach', '--collector', await closedPort());
    expect(code).toBe(0);
    expect(out).toContain('read_file ~/.aws/credentials: something secret');
    expect(existsSync(join(home, '.profile'))).toBe(true);
    expect(out).toMatch(/http_get http:\/\/127\.0\.0\.1:\d+\/: failed, .*ECONNREFUSED/);
    expect(readFileSync(join(project, 'src', 'bill.js'), 'utf8')).toContain('item.price * item.count');
  });

  test('tells the model what a tool was refused, and goes on', async () => {
    const { code, out } = await run(AGENT, '--overreach', '--collector', await closedPort());
    expect(code).toBe(0);
    expect(out).toContain('read_file ~/.aws/credentials: failed, ENOENT');
    expect(out.trimEnd()).toMatch(/all tests pass\.$/);
  });
});

test('the demo comes true from the first step to the last', async () => {
  const { code, out } = await run(join(ROOT, 'dist', 'samples', 'demo.js'), { HOME: homedir() });
  expect(out).toContain('All came true.');
  expect(code).toBe(0);
});

/** Runs a sample in the project; everything it printed, once all that hold its output have ended. */
async function run(program: string, ...rest: (string | NodeJS.ProcessEnv)[]): Promise<{ code: number; out: string }> {
  const args = rest.filter((one) => typeof one === 'string');
  const environment = rest.find((one) => typeof one === 'object');
  const child = spawn(process.execPath, [program, ...args], {
    cwd: project,
    env: { ...process.env, HOME: home, NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (out += data.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out };
}

/** Without what `node --test` prints: times, cut off at different places. */
function masked(out: string): string {
  return out.replaceAll(/(?<=exit code \d).*/g, '');
}

async function closedPort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `http://127.0.0.1:${port}/`;
}
