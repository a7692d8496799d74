/** The file system as a run over an overlay left it, without mounting it again. */
import type { FileType } from '../domain/access.ts';
import { ancestorsOf, nameOf, parentOf } from '../domain/path.ts';
import type { OverlayChange } from './overlay-changes.ts';

export interface View {
  /** Links are not followed; undefined where nothing is. */
  typeOf(path: string): FileType | undefined;
  /** Names in a folder; empty where there are none. */
  list(folder: string): readonly string[];
}

/** @param before the real file system */
export function viewAfter(changes: readonly OverlayChange[], before: View): View {
  const byPath = new Map(changes.map((change) => [change.path, change]));
  const made = new Map<string, string[]>();
  for (const { kind, path } of changes) {
    if (kind !== 'deleted') made.set(parentOf(path), [...(made.get(parentOf(path)) ?? []), nameOf(path)]);
  }
  const typeOf = (path: string): FileType | undefined => {
    const change = byPath.get(path);
    if (change) return change.kind === 'deleted' ? undefined : change.type;
    const isGone = ancestorsOf(path).some((folder) => {
      const above = byPath.get(folder);
      return above !== undefined && (above.kind === 'deleted' || above.type !== 'folder');
    });
    return isGone ? undefined : before.typeOf(path);
  };
  return {
    typeOf,
    list: (folder) => {
      const names = new Set([...before.list(folder), ...(made.get(folder) ?? [])]);
      return [...names].filter((name) => typeOf(folder === '/' ? `/${name}` : `${folder}/${name}`) !== undefined);
    },
  };
}
