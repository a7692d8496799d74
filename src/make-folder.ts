/** Folders with those above them. Node's own `recursive` never returns where the kernel refuses with ENOENT, as in /proc. */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** @returns the outermost folder that was made; undefined where all were there. @throws the system's error */
export function makeFolder(path: string, mode = 0o777): string | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const above = dirname(path);
  const first = above === path ? undefined : makeFolder(above, mode);
  mkdirSync(path, { mode });
  return first ?? path;
}
