/** What a path is under a compiled policy, before anything is run. Pure. */
import { parentOf } from '../src/domain/path.ts';
import { regionOf } from './baseline.ts';
import type { CompiledPolicy } from './targets/mxc.ts';

/** `private`: the sandbox's own and thrown away, as it should be (`/tmp`, `/proc`, an empty stand-in). */
export type Visibility = 'absent' | 'baseline' | 'private' | 'read-only' | 'read-write' | 'denied';

export interface Coverage {
  readonly visibility: Visibility;
  /** The grant that decides, as written in the policy; null where there is none. */
  readonly grant: string | null;
  /** The path that is mounted for it; null where there is none. */
  readonly mount: string | null;
}

/** A look-up that finds the most specific mount of a path, as the enforcement does. */
export function coverageOf(compiled: CompiledPolicy): (path: string) => Coverage {
  const mounts = new Map<string, Visibility>();
  const { readonlyPaths, readwritePaths, deniedPaths } = compiled.request.filesystem;
  for (const path of readwritePaths) mounts.set(path, 'read-write');
  for (const path of readonlyPaths) mounts.set(path, 'read-only');
  for (const path of deniedPaths) mounts.set(path, isStandIn(compiled, path) ? 'private' : 'denied');
  return (path) => {
    for (let at = path; ; at = parentOf(at)) {
      const visibility = mounts.get(at);
      if (visibility !== undefined && at === compiled.standIn && at !== path)
        return { visibility: 'absent', grant: null, mount: null };
      if (visibility !== undefined) return { visibility, grant: grantName(compiled, at), mount: at };
      if (at === '/') return { visibility: unmounted(path), grant: null, mount: null };
    }
  };
}

function isStandIn(compiled: CompiledPolicy, path: string): boolean {
  return path === compiled.standIn || compiled.grants.get(path)?.access === 'empty';
}

function unmounted(path: string): Visibility {
  switch (regionOf(path)) {
    case 'private':
    case 'scratch':
      return 'private';
    case 'readable':
      return 'baseline';
    case 'other':
      return 'absent';
  }
}

function grantName(compiled: CompiledPolicy, mount: string): string | null {
  return compiled.grants.get(mount)?.path ?? null;
}
