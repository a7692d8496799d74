/** Guarded places that exist within granted folders: found on the machine that a policy is compiled for. Pure. */
import type { FileGrant, DecisionEffect } from '../../src/domain/policy.ts';
import { isWithin } from '../../src/domain/path.ts';
import { isExpressible } from '../expressible.ts';
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
const SKIPPED = new Set(['node_modules', '__pycache__', '.venv', '.hg', '.svn']);
/** Within a repository's own folder. */
const SKIPPED_IN_GIT = new Set(['objects', 'lfs']);
/** Folders are listed up to this many entries in all, so that a compilation stays quick. */
const ENTRIES_AT_MOST = 500_000;

/** What lies in the workspace and is no part of it: the recordings that policies are learned from. */
const STORE = '.leastwise';

export interface Masks {
  readonly masks: readonly Mask[];
  /** Whether there were too many entries to look at all of them. */
  readonly partial: boolean;
  /** Guarded places that are in sight, because no request can name them. */
  readonly inSight: string[];
}

/** The topmost guarded, or decidedly denied, places within visible grants, outside those that a decision allows. */
export function guardedWithin(
  grants: readonly { readonly path: string; readonly grant: FileGrant }[],
  host: HostFacts,
  decided: (path: string) => DecisionEffect | undefined,
): Masks {
  const own = new Set(grants.map(({ path }) => path));
  const found = new Map<string, Mask>();
  const inSight = new Set<string>();
  const add = (mask: Mask): void => {
    // Of the same place, reached twice, the stricter mask holds.
    if (!isExpressible(mask.path)) inSight.add(mask.path);
    else if (found.get(mask.path)?.access !== 'denied') found.set(mask.path, mask);
  };
  let entries = 0;
  const visit = (folder: string, writable: boolean): void => {
    for (const { name, type } of host.list(folder)) {
      if (++entries > ENTRIES_AT_MOST) return;
      const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
      if (own.has(path)) continue;
      const mask = maskOf(path, writable, decided, host);
      if (mask === undefined) {
        if (type === 'folder' && !isSkipped(folder, name)) visit(path, writable);
      } else if (type !== 'link') add(mask);
      else targetsOf(path, mask, grants, host, decided).forEach(add);
    }
  };
  for (const { path, grant } of grants) visit(path, grant.access === 'read-write');
  return { masks: [...found.values()], partial: entries > ENTRIES_AT_MOST, inSight: [...inSight] };
}

function isSkipped(folder: string, name: string): boolean {
  return SKIPPED.has(name) || (SKIPPED_IN_GIT.has(name) && folder.endsWith('/.git'));
}

/** A guarded name can be a link: what it leads to is the secret, where that lies within a grant too. */
function targetsOf(
  link: string,
  mask: Mask,
  grants: readonly { readonly path: string; readonly grant: FileGrant }[],
  host: HostFacts,
  decided: (path: string) => DecisionEffect | undefined,
): Mask[] {
  const real = host.realPath(link);
  if (real === undefined || decided(real) !== undefined || grants.some(({ path }) => isWithin(path, real))) return [];
  return grants.some(({ path }) => isWithin(real, path)) ? [{ ...mask, path: real }] : [];
}

function maskOf(
  path: string,
  writable: boolean,
  decided: (path: string) => DecisionEffect | undefined,
  host: HostFacts,
): Mask | undefined {
  const effect = decided(path);
  if (effect === 'deny') return { path, access: 'denied', what: undefined };
  if (effect !== undefined) return undefined;
  if (path === `${host.variables.workspace}/${STORE}`) return { path, access: 'denied', what: 'recordings' };
  const place = guardedPlaceOf(path, writable);
  if (place === undefined) return undefined;
  return { path, access: place.writeOnly ? 'read-only' : 'denied', what: place.what };
}
