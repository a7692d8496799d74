/** Whom a test can run programs as: the caller, and where that is root an ordinary user too. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface User {
  readonly name: string;
  readonly uid: number;
  /** Arguments that run what follows as this user; empty for the caller. */
  readonly become: readonly string[];
}

const ORDINARY = 54_321;
const HERE = fileURLToPath(import.meta.url);

export function users(): User[] {
  const uid = process.getuid!();
  const caller: User = { name: uid === 0 ? 'root' : 'an ordinary user', uid, become: [] };
  if (uid !== 0) return [caller];
  const become = ['setpriv', `--reuid=${ORDINARY}`, `--regid=${ORDINARY}`, '--clear-groups'];
  // Where the checkout is root's alone, nobody else can run it.
  const canRead = spawnSync(become[0]!, [...become.slice(1), 'cat', HERE]).status === 0;
  return canRead ? [caller, { name: 'an ordinary user', uid: ORDINARY, become }] : [caller];
}

/** A folder of that user's, outside of /tmp, which the sandbox has its own of. */
export function makeWorkspace(user: User): string {
  const folder = realpathSync(mkdtempSync(join('/var/tmp', 'leastwise-test-')));
  chownSync(folder, user.uid, user.uid);
  return folder;
}

export function removeWorkspace(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export interface RunResult {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export function start(user: User, argv: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
  const [program, ...args] = [...user.become, ...argv];
  return spawn(program!, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] });
}

export function run(user: User, argv: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const child = start(user, argv, environment);
    let [out, err] = ['', ''];
    child.stdout!.on('data', (text: Buffer) => (out += text.toString()));
    child.stderr!.on('data', (text: Buffer) => (err += text.toString()));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
