/** What the accesses of all recordings need, as a tree over the names of the file system. */
import {
  changesFolder,
  pathsOf,
  succeeded,
  type Access,
  type Operation,
  type PathObject,
} from '../src/domain/access.ts';
import { isWithin, parentOf } from '../src/domain/path.ts';
import type { EvidenceSample } from '../src/domain/policy.ts';
import { isExpressible } from './expressible.ts';
import type { Recording } from '../src/domain/recording.ts';

/** What is needed of one name; a set of bits. */
export const NEED = {
  read: 1, // its content
  list: 2, // its entries
  stat: 4, // that it exists
  write: 8, // its content changed, in place
  entries: 16, // an entry of this folder came, went, or got another name
  link: 32, // it is a symbolic link that was followed
  readLink: 64, // it is a symbolic link that was looked at as one
  born: 128, // it came to be in a run
  gone: 256, // it was deleted, or got another name
} as const;

export interface Node {
  /** Undefined for none: most nodes of a large tree are leaves. */
  children: Map<string, Node> | undefined;
  need: number;
  folder: boolean;
  /** Seen as something in the file system by a successful access, not only as part of a longer path. */
  seen: boolean;
  accesses: number;
  operations: number;
  /** Bit by recording, the 31st for all later ones. */
  runs: number;
  sample: EvidenceSample | undefined;
}

/** A rename or hard link from one folder to another. */
export interface Crossing {
  readonly from: string;
  readonly to: string;
  readonly operation: 'rename' | 'link';
  readonly node: Node;
}

export interface NeedTree {
  readonly root: Node;
  /** Ids, in the order of the bits of `Node.runs`. */
  readonly recordings: readonly string[];
  readonly crossings: readonly Crossing[];
  /** Every distinct successful access that named a path. */
  readonly total: number;
}

/** Builds the tree, in one walk over the accesses; `also` sees each of them. The order of recordings and of accesses within them does not matter to what is needed. */
export function collectNeeds(recordings: readonly Recording[], also: (access: Access) => void = () => {}): NeedTree {
  const builder = new TreeBuilder();
  const ordered = [...recordings].sort((a, b) => (a.info.id < b.info.id ? -1 : 1));
  ordered.forEach((recording, index) => {
    // The recordings themselves: there because of the recording, and never granted.
    const store = `${recording.info.workspace}/.leastwise`;
    const isOfStore = (access: Access) =>
      pathsOf(access.object).some(({ path, real }) => isWithin(real ?? path, store));
    for (const access of recording.accesses) {
      also(access);
      if (succeeded(access.outcome) && !isOfStore(access)) builder.add(access, recording.info.id, index);
    }
  });
  return builder.finish(ordered.map((recording) => recording.info.id));
}

/** The node of a path; undefined where nothing at or below it was touched. */
export function nodeAt(root: Node, path: string): Node | undefined {
  let node: Node | undefined = root;
  for (const name of path.split('/')) {
    if (name === '') continue;
    node = node?.children?.get(name);
  }
  return node;
}

/** In the order in which a document names them. */
export const OPERATIONS: readonly Operation[] = [
  'read', 'list', 'write', 'create', 'delete', 'rename', 'link', 'symlink', 'metadata', 'execute', 'stat', 'probe',
  'connect', 'listen', 'send', 'resolve', 'inherit',
]; // prettier-ignore
const OPERATION_BIT = new Map(OPERATIONS.map((operation, index) => [operation, 1 << index]));

/** The operations of a set of bits, in a fixed order. */
export function operationsOf(bits: number): Operation[] {
  return OPERATIONS.filter((_operation, index) => bits & (1 << index));
}

const NEED_OF: Readonly<Partial<Record<Operation, number>>> = {
  read: NEED.read,
  execute: NEED.read,
  connect: NEED.read,
  list: NEED.list,
  stat: NEED.stat,
  probe: NEED.stat,
  write: NEED.write,
  metadata: NEED.write,
};

// Samples cost memory: enough for every policy that a person can read, bounded for a million accesses.
const SAMPLES_AT_MOST = 50_000;

class TreeBuilder {
  private readonly root = newNode();
  private readonly crossings = new Map<string, Crossing>();
  private lastFolder = '';
  private lastNode = this.root;
  private samples = 0;
  private total = 0;

  add(access: Access, recording: string, run: number): void {
    this.total += 1;
    const paths = pathsOf(access.object);
    if (access.object.kind === 'pair') this.addPair(access, access.object.from, access.object.to, recording, run);
    else if (paths[0] !== undefined) this.addOne(access, paths[0], recording, run);
    for (const path of paths) {
      for (const link of path.links) this.touch(link, NEED.link, access, recording, run).seen = true;
    }
  }

  finish(recordings: readonly string[]): NeedTree {
    const key = (crossing: Crossing) => `${crossing.from}\0${crossing.to}\0${crossing.operation}`;
    const crossings = [...this.crossings.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1));
    return { root: this.root, recordings, crossings, total: this.total };
  }

  private addOne(access: Access, path: PathObject, recording: string, run: number): void {
    const at = placeOf(path, access.operation);
    if (changesFolder(access.operation)) {
      this.touch(parentOf(at), NEED.entries, access, recording, run).folder = true;
      const born = access.operation === 'delete' ? NEED.gone : NEED.born;
      this.seeAs(this.touch(at, born, access, recording, run), path);
      return;
    }
    let need = NEED_OF[access.operation] ?? 0;
    if (need === NEED.read && path.type === 'folder') need = NEED.list;
    if (access.operation === 'stat' && path.type === 'link') need |= NEED.readLink;
    this.seeAs(this.touch(at, need, access, recording, run), path);
  }

  private addPair(access: Access, from: PathObject, to: PathObject, recording: string, run: number): void {
    const operation = access.operation === 'link' ? 'link' : 'rename';
    const source = parentOf(placeOf(from, 'rename'));
    const target = parentOf(placeOf(to, 'rename'));
    const node = this.touch(target, NEED.entries, access, recording, run);
    node.folder = true;
    this.seeAs(this.touch(placeOf(to, 'rename'), NEED.born, access, recording, run), to);
    const origin = this.touch(
      placeOf(from, 'rename'),
      operation === 'rename' ? NEED.gone : NEED.read,
      access,
      recording,
      run,
    );
    this.seeAs(origin, from);
    if (operation === 'rename') this.touch(source, NEED.entries, access, recording, run).folder = true;
    if (source !== target)
      this.crossings.set(`${source}\0${target}\0${operation}`, { from: source, to: target, operation, node });
  }

  private seeAs(node: Node, path: PathObject): void {
    node.seen = true;
    if (path.type === 'folder') node.folder = true;
  }

  private touch(path: string, need: number, access: Access, recording: string, run: number): Node {
    if (!isExpressible(path)) return this.touchExpressible(path, need, access, recording, run);
    const node = this.descend(path);
    node.need |= need;
    node.accesses += 1;
    node.operations |= OPERATION_BIT.get(access.operation) ?? 0;
    node.runs |= 1 << Math.min(run, 30);
    if (node.sample === undefined || isBefore(access, recording, node.sample))
      this.keepSample(node, path, access, recording);
    return node;
  }

  /** Such a name cannot be written in a request: its nearest folder that can has the need. */
  private touchExpressible(path: string, need: number, access: Access, recording: string, run: number): Node {
    let at = parentOf(path);
    while (!isExpressible(at)) at = parentOf(at);
    const change = need & (NEED.write | NEED.entries | NEED.born | NEED.gone);
    const node = this.touch(at, change ? NEED.entries : NEED.list, access, recording, run);
    node.folder = true;
    return node;
  }

  private keepSample(node: Node, path: string, access: Access, recording: string): void {
    if (node.sample === undefined && ++this.samples > SAMPLES_AT_MOST) return;
    const { operation, program, evidence } = access;
    node.sample = { recording, operation, path, program, syscall: evidence };
  }

  private descend(path: string): Node {
    let node = this.root;
    for (let from = 1; from < path.length;) {
      const cut = path.indexOf('/', from);
      const end = cut < 0 ? path.length : cut;
      const name = path.slice(from, end);
      let child = node.children?.get(name);
      if (child === undefined) {
        child = newNode();
        (node.children ??= new Map()).set(name, child);
      }
      if (cut >= 0) child.folder = true;
      node = child;
      from = end + 1;
    }
    return node;
  }
}

function newNode(): Node {
  return {
    children: undefined,
    need: 0,
    folder: false,
    seen: false,
    accesses: 0,
    operations: 0,
    runs: 0,
    sample: undefined,
  };
}

/** Where an access really was. A link that is itself looked at, removed or renamed is not followed. */
function placeOf(path: PathObject, operation: Operation): string {
  if (path.real === undefined) return path.path;
  return path.type === 'link' && operation === 'stat' ? path.path : path.real;
}

/** A fixed choice of sample, whatever the order of the accesses. */
function isBefore(access: Access, recording: string, sample: EvidenceSample): boolean {
  if (recording !== sample.recording) return recording < sample.recording;
  if (access.operation !== sample.operation) return access.operation < sample.operation;
  if (access.program !== sample.program) return access.program < sample.program;
  return access.evidence < sample.syscall;
}
