/** The folder that a workload works in, with all links resolved. */
import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { LeastwiseError } from './domain/errors.ts';
import { displayText } from './domain/path.ts';

/** @param flag as given; undefined for the current folder. @throws LeastwiseError `usage` where it is no folder */
export function workspaceOf(flag: string | undefined): string {
  const path = resolve(flag ?? '.');
  try {
    const real = realpathSync(path);
    if (statSync(real).isDirectory()) return real;
  } catch {
    // Told below.
  }
  throw new LeastwiseError(
    'usage',
    `--workspace ${displayText(path)}: there is no such folder`,
    'Name the folder that the workload works in.',
  );
}

/** A folder's path with all links resolved; the path itself where it is not there. */
export function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
