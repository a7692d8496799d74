/** Guarded places that exist within granted folders: found on the machine that a policy is compiled for. Pure. */
import { isExpressible } from '../expressible.ts';
import type { FileGrant, DecisionEffect } from '../../src/domain/policy.ts';
import { guardedPlaceOf } from '../guard.ts';
import type { HostFacts } from './mxc.ts';

export interface Mask {
  readonly path: string;
  /** `read-only`: it may be read, not changed, as what runs at the next log-in. */
  readonly access: 'denied' | 'read-only';
  /** What it is, in words; undefined where a decision denies it. */
  readonly what: string | undefined;
}

// Not entered: large, and made by tools rather than by people who keep secrets in them.
const SKIPPED = new Set(['node_modules', '__pycache__', '.venv', '.hg', '.svn', 'objects', 'lfs', 'target']);
/** Folders are listed up to this many entries in all, so that a compilation stays quick. */
const ENTRIES_AT_MOST = 20_000;

/** The topmost guarded, or decidedly denied, places within folder grants, outside those that a decision allows. */
export function guardedWithin(
  grants: readonly { readonly path: string; readonly grant: FileGrant }[],
  host: HostFacts,
  decided: (path: string) => DecisionEffect | undefined,
): Mask[] {
  const own = new Set(grants.map(({ path }) => path));
  const masks: Mask[] = [];
  let entries = 0;
  const visit = (folder: string, writable: boolean): void => {
    for (const { name, type } of host.list(folder)) {
      if (++entries > ENTRIES_AT_MOST) return;
      const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
      if (own.has(path)) continue;
      const mask = maskOf(path, writable, decided);
      if (mask === undefined) {
        if (type === 'folder' && !SKIPPED.has(name)) visit(path, writable);
      } else if (type !== 'link' && isExpressible(path)) masks.push(mask);
    }
  };
  for (const { path, grant } of grants) {
    if (grant.scope === 'folder') visit(path, grant.access === 'read-write');
  }
  return masks;
}

function maskOf(
  path: string,
  writable: boolean,
  decided: (path: string) => DecisionEffect | undefined,
): Mask | undefined {
  const effect = decided(path);
  if (effect === 'deny') return { path, access: 'denied', what: undefined };
  if (effect !== undefined) return undefined;
  const place = guardedPlaceOf(path, writable);
  if (place === undefined) return undefined;
  return { path, access: place.writeOnly ? 'read-only' : 'denied', what: place.what };
}
