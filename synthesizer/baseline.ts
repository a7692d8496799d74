/** What a place is to the enforcement and to prudence, before anything is granted. Pure. */
import baseline from '../policies/mxc-baseline.json' with { type: 'json' };
import broad from '../policies/broad.json' with { type: 'json' };
import { ancestorsOf, isWithin } from '../src/domain/path.ts';

/**
 * `readable`: MXC gives it to everyone. `private`: every run has its own. `scratch`: every run has its own, empty
 * one, and what was there before can be granted below it. `other`: nothing is there without a grant.
 */
export type Region = 'readable' | 'private' | 'scratch' | 'other';

export function regionOf(path: string): Region {
  const end = path.indexOf('/', 1);
  if (!SPECIAL.has(end < 0 ? path : path.slice(0, end))) return 'other';
  if (baseline.scratch.some((folder) => isWithin(path, folder))) return 'scratch';
  if (baseline.private.some((folder) => isWithin(path, folder))) return 'private';
  return baseline.readable.some((folder) => isWithin(path, folder)) ? 'readable' : 'other';
}

/** Whether a folder is there in every sandbox, because something that MXC gives lies below it. */
export function holdsBaseline(path: string): boolean {
  return [...baseline.readable, ...baseline.private, ...baseline.scratch].some((folder) => isWithin(folder, path));
}

// The first components of all special places: most paths are told by this alone.
const SPECIAL = new Set(
  [...baseline.readable, ...baseline.private, ...baseline.scratch].map((path) => `/${path.split('/')[1]}`),
);

export interface Places {
  readonly workspaces: readonly string[];
  readonly homes: readonly string[];
  readonly tmps: readonly string[];
}

/** Says of a folder whether it is too broad to be granted whole: `/`, a home, `/etc`, whatever holds a workspace, and the like. */
export function broadFolders(places: Places): (path: string) => boolean {
  const known = new Set(broad.folders);
  for (const home of places.homes) {
    known.add(home);
    for (const name of broad.inHome) known.add(`${home}/${name}`);
  }
  for (const place of [...places.workspaces, ...places.homes, ...places.tmps]) {
    // A home or temporary folder within the workspace does not make the workspace broad.
    const isOwn = (folder: string) => places.workspaces.some((workspace) => isWithin(folder, workspace));
    for (const folder of ancestorsOf(place)) if (!isOwn(folder)) known.add(folder);
  }
  return (path) => known.has(path) || regionOf(path) === 'readable' || regionOf(path) === 'private';
}
