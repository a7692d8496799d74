/** Which folders must be writable: those in which entries come and go. Pure. */
import { ancestorsOf, isWithin, parentOf } from '../src/domain/path.ts';
import { regionOf } from './baseline.ts';
import { DECIDED, type Draft, type Omission, type Question, type Rules } from './draft.ts';
import { NEED, nodeAt, type Crossing, type NeedTree, type Node } from './need.ts';

/** Folders in which entries come and go: MXC lets that happen only where the folder itself is writable. */
export class WritableRoots {
  readonly questions: Question[] = [];
  readonly omissions: Omission[] = [];
  private readonly roots = new Map<string, Draft>();
  private above: Set<string> | undefined;

  private readonly tree: NeedTree;
  private readonly rules: Rules;

  constructor(tree: NeedTree, rules: Rules) {
    this.tree = tree;
    this.rules = rules;
  }

  collect(): void {
    for (const tmp of this.rules.tmps) this.addTemporary(tmp);
    this.visit(this.tree.root, '/');
    for (const crossing of this.tree.crossings) this.joinCrossing(crossing);
  }

  /** The writable (or empty stand-in) root that `path` lies in. */
  rootOf(path: string): Draft | undefined {
    for (let at = path; ; at = parentOf(at)) {
      const root = this.roots.get(at);
      if (root !== undefined) return root;
      if (at === '/') return undefined;
    }
  }

  /** The root that is exactly here. */
  rootAt(path: string): Draft | undefined {
    return this.roots.get(path);
  }

  /** Whether there is a root below `path`: then the folder is there in the sandbox, whatever is granted. */
  hasBelow(path: string): boolean {
    this.above ??= new Set([...this.roots.keys()].flatMap(ancestorsOf));
    return this.above.has(path);
  }

  drafts(): Draft[] {
    return [...this.roots.values()];
  }

  /** A temporary folder of the workload's own gets an empty one, thrown away afterwards: nothing of the host is needed. */
  private addTemporary(tmp: string): void {
    const node = nodeAt(this.tree.root, tmp);
    if (node === undefined || regionOf(tmp) !== 'other' || !(node.need & NEED.entries)) return;
    if (holdsEarlierContent(node)) return;
    this.roots.set(tmp, {
      path: tmp, access: 'empty', scope: 'folder', reason: 'temporary', node,
      note: 'a temporary folder: an empty one is given, and thrown away afterwards',
    }); // prettier-ignore
  }

  private visit(node: Node, path: string): void {
    if (this.roots.has(path) || regionOf(path) === 'private') return;
    if (node.need & NEED.entries && this.grantFolder(node, path)) return;
    for (const [name, child] of node.children ?? []) {
      // Most nodes are files, of which nothing can be asked here.
      if (child.folder) this.visit(child, path === '/' ? `/${name}` : `${path}/${name}`);
    }
  }

  /** @returns whether the folder is now writable as a whole. */
  private grantFolder(node: Node, path: string): boolean {
    if (regionOf(path) === 'scratch' && !(node.need & NEED.born) && isScratchRoot(path)) return false;
    const stop = this.stopAt(node, path);
    if (stop !== undefined) return stop === 'asked';
    if (this.rules.isBroad(path)) {
      this.splitBroad(node, path);
      return this.roots.has(path);
    }
    this.roots.set(path, folderDraft(node, path));
    return true;
  }

  /** Why a folder must not become writable: a decision, or that it is guarded, which becomes a question. */
  private stopAt(node: Node, path: string): 'decided' | 'asked' | undefined {
    const decided = this.rules.decided(path);
    if (decided === 'deny' || decided === 'allow-read') {
      this.omissions.push({ path, node, why: DECIDED });
      return 'decided';
    }
    const guard = decided === undefined ? this.rules.guarded(path, true) : undefined;
    if (guard === undefined) return undefined;
    this.ask('guarded', folderDraft(node, path), `entries of ${guard.what} were changed`, guard.risk);
    return 'asked';
  }

  /** A folder too broad to grant: what was made in it is a folder, made beforehand and granted; or it is a question. */
  private splitBroad(node: Node, path: string): void {
    const loose: string[] = [];
    for (const [name, child] of node.children ?? []) {
      const at = path === '/' ? `/${name}` : `${path}/${name}`;
      if (!(child.need & NEED.born) && !removed(child)) continue;
      if (child.need & NEED.born && child.folder && regionOf(at) !== 'readable') this.grantBornFolder(child, at);
      else loose.push(name);
    }
    if (loose.length === 0) return;
    const proposal: Draft = {
      ...folderDraft(node, path),
      only: [...(node.children?.keys() ?? [])].sort(),
      reason: 'decision',
    };
    if (this.rules.decided(path) === 'allow') {
      this.replaceBelow(path, proposal);
      return;
    }
    const names = loose.sort().slice(0, 3).join(', ');
    this.ask(
      'broad',
      proposal,
      `entries come and go in this broad folder (${names}); it would be writable, its other entries denied`,
      'high',
    );
  }

  /** One that is broad wherever it exists, such as `~/.local`, is split as its parent was. */
  private grantBornFolder(node: Node, path: string): void {
    if (this.stopAt(node, path) !== undefined) return;
    if (this.rules.isBroad(path)) this.splitBroad(node, path);
    else this.roots.set(path, bornFolderDraft(node, path));
  }

  /** A rename works only below one common writable root. */
  private joinCrossing(crossing: Crossing): void {
    if (regionOf(crossing.from) !== 'other' || regionOf(crossing.to) !== 'other') return;
    const from = this.rootOf(crossing.from);
    const to = this.rootOf(crossing.to);
    if (from === to && from !== undefined) return;
    if (from?.access === 'empty' || to?.access === 'empty') {
      this.omissions.push({
        path: crossing.to,
        node: crossing.node,
        why: 'a rename or link out of a temporary folder: the program has to copy instead',
      });
      return;
    }
    if (crossing.operation === 'link') {
      this.omissions.push({
        path: crossing.to,
        node: crossing.node,
        why: 'a hard link between two grants: the program has to copy instead',
      });
      return;
    }
    const common = commonFolder(crossing.from, crossing.to);
    const node = nodeAt(this.tree.root, common)!;
    const proposal: Draft = {
      ...folderDraft(node, common),
      only: [...(node.children?.keys() ?? [])].sort(),
      reason: 'decision',
    };
    if (this.rules.decided(common) === 'allow') this.replaceBelow(common, proposal);
    else if (!this.rules.isBroad(common) && this.isNear(common, from, to))
      this.replaceBelow(common, folderDraft(node, common));
    else
      this.ask(
        'rename',
        proposal,
        `a rename from ${crossing.from} to ${crossing.to} works only below one writable folder`,
        'high',
      );
  }

  /** Whether the common folder adds nothing but the one level that both roots lie in. */
  private isNear(common: string, from: Draft | undefined, to: Draft | undefined): boolean {
    return [from, to].every((root) => root === undefined || root.path === common || parentOf(root.path) === common);
  }

  private replaceBelow(path: string, draft: Draft): void {
    for (const at of this.roots.keys()) if (isWithin(at, path)) this.roots.delete(at);
    this.roots.set(path, draft);
  }

  private ask(kind: Question['kind'], proposal: Draft, text: string, risk: Question['risk']): void {
    if (this.questions.some((question) => question.kind === kind && question.path === proposal.path)) return;
    this.questions.push({ kind, path: proposal.path, proposal, text, risk });
  }
}

function folderDraft(node: Node, path: string): Draft {
  return { path, access: 'read-write', scope: 'folder', reason: 'folder-change', node };
}

function bornFolderDraft(node: Node, path: string): Draft {
  return {
    path, access: 'read-write', scope: 'folder', create: true, reason: 'folder-change', node,
    note: 'the workload makes this folder in one that is too broad to grant: it is made beforehand',
  }; // prettier-ignore
}

function isScratchRoot(path: string): boolean {
  return regionOf(parentOf(path)) !== 'scratch';
}

/** Whether something that was there before the run was read below. */
function holdsEarlierContent(node: Node): boolean {
  for (const child of node.children?.values() ?? []) {
    if (child.need & NEED.born || removed(child)) continue;
    if (child.seen && child.need & (NEED.read | NEED.list | NEED.write)) return true;
    if (holdsEarlierContent(child)) return true;
  }
  return false;
}

function removed(node: Node): boolean {
  return Boolean(node.need & NEED.gone);
}

function commonFolder(a: string, b: string): string {
  let at = a;
  while (!isWithin(b, at)) at = parentOf(at);
  return at;
}
