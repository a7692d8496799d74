/** What must be readable, or writable in place, outside the folders that are writable as a whole. Pure. */
import { holdsBaseline, regionOf } from './baseline.ts';
import { DECIDED, type Draft, type Omission, type Question, type Rules } from './draft.ts';
import { NEED, type Node } from './need.ts';
import type { WritableRoots } from './writable-roots.ts';

/** From so many touched entries on, a folder is granted in place of them. */
const COLLAPSE_AT = 4;

/** What must be readable, or writable in place, outside the writable roots. */
export class ReadableGrants {
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
    const root = node.folder ? this.writable.rootAt(path) : undefined;
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

function hasReadLink(node: Node): boolean {
  for (const child of node.children?.values() ?? []) if (child.need & NEED.readLink) return true;
  return false;
}
