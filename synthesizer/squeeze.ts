/** Fewer mounts where there are too many: entries of one folder become the folder, the deepest first. Pure. */
import { parentOf } from '../src/domain/path.ts';
import type { Draft } from './draft.ts';
import { nodeAt, type NeedTree } from './need.ts';

/** Above so many mounts, start-up takes noticeably longer; above 3,200 MXC refuses. */
const MOUNTS_AT_MOST = 400;

/** Returns the same drafts where they are few enough, or where only broad folders could stand for them. */
export function squeeze(
  drafts: readonly Draft[],
  tree: NeedTree,
  isBroad: (path: string) => boolean,
): readonly Draft[] {
  let current = drafts;
  while (current.length > MOUNTS_AT_MOST) {
    const next = squeezeOnce(current, tree, isBroad);
    if (next.length === current.length) return current;
    current = next;
  }
  return current;
}

function squeezeOnce(drafts: readonly Draft[], tree: NeedTree, isBroad: (path: string) => boolean): Draft[] {
  const groups = new Map<string, Draft[]>();
  for (const draft of drafts.filter(canJoin)) {
    const key = parentOf(draft.path);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [draft]);
    else group.push(draft);
  }
  const depth = Math.max(
    0,
    ...[...groups].filter(([path, group]) => group.length > 1 && !isBroad(path)).map(([path]) => depthOf(path)),
  );
  const joined = new Map(
    [...groups].filter(([path, group]) => group.length > 1 && !isBroad(path) && depthOf(path) === depth),
  );
  const kept = drafts.filter((draft) => !canJoin(draft) || !joined.has(parentOf(draft.path)));
  const folders = [...joined].map(([path, group]) => folderOf(path, group, tree));
  return withoutCovered([...kept, ...folders]);
}

function canJoin(draft: Draft): boolean {
  return draft.access === 'read-only' || (draft.access === 'read-write' && draft.only === undefined);
}

function folderOf(path: string, group: readonly Draft[], tree: NeedTree): Draft {
  const access = group.some((draft) => draft.access === 'read-write') ? 'read-write' : 'read-only';
  const note = 'one folder in place of many grants: more mounts would make every start slow';
  return { path, access, scope: 'folder', reason: 'generalised', note, node: nodeAt(tree.root, path)! };
}

/** Without grants that a folder above them gives as well. */
function withoutCovered(drafts: readonly Draft[]): Draft[] {
  const folders = new Map(
    drafts.filter((draft) => draft.scope === 'folder' && canJoin(draft)).map((draft) => [draft.path, draft.access]),
  );
  return drafts.filter((draft) => {
    if (!canJoin(draft)) return true;
    for (let at = draft.path; at !== '/';) {
      at = parentOf(at);
      const access = folders.get(at);
      if (access === 'read-write' || access === draft.access) return false;
    }
    return true;
  });
}

function depthOf(path: string): number {
  return path.split('/').length;
}
