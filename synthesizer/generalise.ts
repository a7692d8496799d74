/** The tree of needs → grants on real paths: what must be writable first, then what must be readable. Pure. */
import type { DecisionEffect, GrantAccess, GrantReason } from '../src/domain/policy.ts';
import { ancestorsOf, isWithin, parentOf } from '../src/domain/path.ts';
import { holdsBaseline, regionOf } from './baseline.ts';
import { squeeze } from './squeeze.ts';
import { NEED, nodeAt, type Crossing, type NeedTree, type Node } from './need.ts';

/** A grant before it gets its evidence and its template. Paths are absolute. */
export interface Draft {
  readonly path: string;
  readonly access: GrantAccess;
  readonly scope: 'file' | 'folder';
  readonly create?: boolean;
  readonly reason: GrantReason;
  readonly note?: string;
  /** With `folder`: only these entries; all others that exist are denied. */
  readonly only?: readonly string[];
  readonly node: Node;
}

/** Something seen that gets no grant by itself. */
export interface Question {
  readonly kind: 'guarded' | 'broad' | 'rename';
  readonly path: string;
  readonly proposal: Draft;
  readonly text: string;
  readonly risk: 'high' | 'medium' | 'low';
}

export interface Omission {
  readonly path: string;
  readonly node: Node;
  readonly why: string;
}

export interface Rules {
  isBroad(path: string): boolean;
  /** What a guarded place is called; undefined where `path` is none. */
  guarded(path: string, change: boolean): { readonly what: string; readonly risk: 'high' | 'medium' } | undefined;
  /** What a person decided for the path; undefined for nothing. */
  decided(path: string): DecisionEffect | undefined;
  readonly tmps: readonly string[];
}

export interface Generalised {
  readonly drafts: readonly Draft[];
  readonly questions: readonly Question[];
  readonly omissions: readonly Omission[];
}

/** From so many touched entries on, a folder is granted in place of them. */
const COLLAPSE_AT = 4;

export function generalise(tree: NeedTree, rules: Rules): Generalised {
  const writable = new WritableRoots(tree, rules);
  writable.collect();
  const readable = new ReadableGrants(rules, writable);
  readable.collect(tree.root);
  const isTooMuch = (path: string) =>
    rules.isBroad(path) || (rules.decided(path) === undefined && rules.guarded(path, true) !== undefined);
  return {
    drafts: squeeze([...writable.drafts(), ...readable.drafts], tree, isTooMuch),
    questions: [...writable.questions, ...readable.questions],
    omissions: [...writable.omissions, ...readable.omissions],
  };
}

/** Folders in which entries come and go: MXC lets that happen only where the folder itself is writable. */
class WritableRoots {
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
    for (const [name, child] of node.children ?? []) this.visit(child, path === '/' ? `/${name}` : `${path}/${name}`);
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

/** What must be readable, or writable in place, outside the writable roots. */
class ReadableGrants {
  readonly drafts: Draft[] = [];
  readonly questions: Question[] = [];
  readonly omissions: Omission[] = [];

  private readonly rules: Rules;
  private readonly writable: WritableRoots;

  constructor(rules: Rules, writable: WritableRoots) {
    this.rules = rules;
    this.writable = writable;
  }

  collect(root: Node): void {
    this.below(root, '/');
  }

  /** Adds the grants for a node and all below it. */
  private below(node: Node, path: string): void {
    const root = this.writable.rootAt(path);
    if (root !== undefined) {
      if (root.access !== 'empty') this.guardedBelow(node, path);
      return;
    }
    const region = regionOf(path);
    if (region === 'private') return;
    const mark = this.drafts.length;
    for (const [name, child] of node.children ?? []) {
      if (region === 'scratch' && child.need & NEED.born) continue;
      this.below(child, path === '/' ? `/${name}` : `${path}/${name}`);
    }
    if (region === 'readable' && !(node.need & NEED.write))
      return this.keepFrom(mark, (draft) => draft.access !== 'read-only');
    const own = this.ownNeed(node, path);
    if (own !== undefined && own.scope === 'file') this.drafts.push(own);
    else this.folder(node, path, mark, own);
  }

  private folder(node: Node, path: string, mark: number, own: Draft | undefined): void {
    const entries = this.touchedEntries(path, mark);
    const linked = entries < COLLAPSE_AT && hasReadLink(node);
    if (own === undefined && entries < COLLAPSE_AT && !linked) return;
    if (own?.access === 'empty' && !linked && entries < COLLAPSE_AT) {
      // Nothing of it shows: it may be as broad as it likes. Where something below it is granted, it is there anyway.
      if (this.drafts.length === mark && !this.writable.hasBelow(path) && !holdsBaseline(path)) this.drafts.push(own);
      return;
    }
    // What was allowed one by one does not become the guarded folder that holds it.
    if (own === undefined && this.isGuarded(path)) return;
    if (this.rules.isBroad(path)) {
      if (node.need & NEED.list)
        this.omit(path, node, 'a broad folder was listed: only what is granted below it shows');
      return;
    }
    this.keepFrom(mark, (draft) => draft.access !== 'read-only' && draft.access !== 'empty');
    const reason = node.need & NEED.list ? 'listed' : linked ? 'symlink' : 'generalised';
    this.drafts.push(own?.access === 'read-write' ? own : { path, access: 'read-only', scope: 'folder', reason, node });
  }

  private isGuarded(path: string): boolean {
    return this.rules.decided(path) === undefined && this.rules.guarded(path, false) !== undefined;
  }

  private keepFrom(mark: number, keep: (draft: Draft) => boolean): void {
    const kept = this.drafts.slice(mark).filter(keep);
    this.drafts.length = mark;
    this.drafts.push(...kept);
  }

  /** How many direct entries of a folder hold a grant to read, of those added since `mark`. */
  private touchedEntries(path: string, mark: number): number {
    const names = new Set<string>();
    const from = path === '/' ? 1 : path.length + 1;
    for (let index = mark; index < this.drafts.length && names.size < COLLAPSE_AT; index += 1) {
      const draft = this.drafts[index]!;
      const cut = draft.path.indexOf('/', from);
      if (draft.access === 'read-only') names.add(cut < 0 ? draft.path.slice(from) : draft.path.slice(from, cut));
    }
    return names.size;
  }

  /** What the node itself needs; a folder for list, stat or write, a file for the rest. */
  private ownNeed(node: Node, path: string): Draft | undefined {
    const { need } = node;
    const content = need & (NEED.read | NEED.write | NEED.list);
    if (need & NEED.born && this.writable.rootOf(path) === undefined && !(need & NEED.read)) return undefined;
    const decided = this.rules.decided(path);
    if (decided === 'deny' && need !== 0) {
      this.omit(path, node, DECIDED);
      return undefined;
    }
    const guard = decided === undefined ? this.rules.guarded(path, Boolean(need & NEED.write)) : undefined;
    if (guard !== undefined && (content || need & NEED.stat)) {
      this.guardedNeed(node, path, guard);
      return undefined;
    }
    const scope = node.folder ? 'folder' : 'file';
    if (need & NEED.write && !(need & NEED.born) && decided !== 'allow-read')
      return this.writeInPlace(node, path, scope);
    if (content) return { path, access: 'read-only', scope, reason: scope === 'folder' ? 'listed' : 'observed', node };
    if (!node.seen || !(need & (NEED.stat | NEED.link | NEED.readLink))) return undefined;
    if (node.folder) return { path, access: 'empty', scope, reason: 'presence', node };
    return { path, access: 'read-only', scope, reason: need & NEED.link ? 'symlink' : 'observed', node };
  }

  private writeInPlace(node: Node, path: string, scope: Draft['scope']): Draft | undefined {
    if (scope === 'folder' && this.rules.isBroad(path)) {
      this.omit(path, node, 'mode, owner or times of a broad folder were changed');
      return undefined;
    }
    return { path, access: 'read-write', scope, reason: 'observed', node };
  }

  private guardedNeed(node: Node, path: string, guard: { what: string; risk: 'high' | 'medium' }): void {
    if (!(node.need & (NEED.read | NEED.write | NEED.list))) {
      this.omit(path, node, `${guard.what}: only looked whether it is there`);
      return;
    }
    const access = node.need & NEED.write ? 'read-write' : 'read-only';
    const proposal: Draft = { path, access, scope: node.folder ? 'folder' : 'file', reason: 'decision', node };
    const verb = access === 'read-write' ? 'changed' : 'read';
    this.questions.push({
      kind: 'guarded',
      path,
      proposal,
      text: `the workload ${verb} ${guard.what}`,
      risk: guard.risk,
    });
  }

  /** Within a writable root everything is there; what is guarded in it and was not made by the run is masked. */
  private guardedBelow(node: Node, path: string): void {
    for (const [name, child] of node.children ?? []) {
      const at = path === '/' ? `/${name}` : `${path}/${name}`;
      const early = child.seen && !(child.need & NEED.born);
      const decided = early ? this.rules.decided(at) : undefined;
      const change = Boolean(child.need & (NEED.write | NEED.entries));
      const guard = early && decided === undefined ? this.rules.guarded(at, change) : undefined;
      const scope = child.folder ? 'folder' : 'file';
      if (guard !== undefined) {
        this.guardedNeed(child, at, guard);
        this.drafts.push({ path: at, access: 'denied', scope, reason: 'guarded', note: guard.what, node: child });
      } else if (decided === 'deny') {
        this.omit(at, child, DECIDED);
        this.drafts.push({ path: at, access: 'denied', scope, reason: 'decision', node: child });
      } else {
        this.guardedBelow(child, at);
      }
    }
  }

  private omit(path: string, node: Node, why: string): void {
    this.omissions.push({ path, node, why });
  }
}

const DECIDED = 'a decision denies it';

function folderDraft(node: Node, path: string): Draft {
  return { path, access: 'read-write', scope: 'folder', reason: 'folder-change', node };
}

function bornFolderDraft(node: Node, path: string): Draft {
  return {
    path, access: 'read-write', scope: 'folder', create: true, reason: 'folder-change', node,
    note: 'the workload makes this folder in one that is too broad to grant: it is made beforehand',
  }; // prettier-ignore
}

function hasReadLink(node: Node): boolean {
  for (const child of node.children?.values() ?? []) if (child.need & NEED.readLink) return true;
  return false;
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
