/** Builds once before all tests, for those that run the program as it is installed. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export const ROOT = join(import.meta.dirname, '..', '..');

/** A build that fails says so itself, and only the tests that need it fail with it. */
export function setup(): void {
  spawnSync(process.execPath, [join(ROOT, 'scripts', 'build.mjs'), '--if-needed'], { cwd: ROOT, stdio: 'inherit' });
}
