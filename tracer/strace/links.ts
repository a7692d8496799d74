/** Symbolic links on the way of a path, found by asking the host, with a bounded cache. Pure but for what is passed in. */
import type { FileType } from '../../src/domain/access.ts';
import { nameOf, parentOf, resolvePath } from '../../src/domain/path.ts';

/** What a resolver needs to ask of the machine. */
export interface HostFiles {
  /** Links not followed; undefined where nothing is. */
  typeOf(path: string): FileType | undefined;
  readLink(path: string): string | undefined;
  /** Milliseconds since the epoch; undefined where nothing is, 0 where the file system does not know. */
  bornAt(path: string): number | undefined;
  /** The first bytes of a file, as latin-1 text; empty where it cannot be read. */
  head(path: string, bytes: number): string;
  /** Whether the file runs with its owner's or group's rights. */
  isSetId(path: string): boolean;
}

export interface Resolved {
  readonly real: string;
  readonly links: readonly string[];
  /** Of what stands at the end; undefined where nothing was there when it was asked for. */
  readonly type: FileType | undefined;
}

const NO_LINKS: readonly string[] = [];
const CACHED_AT_MOST = 20_000;
const LINKS_AT_MOST = 40;
const TYPES_AT_MOST = 30_000;

export class LinkResolver {
  private readonly folders = new Map<string, Resolved>();
  /** Of what was just looked at: a file is mostly asked about several times in a row. */
  private readonly types = new Map<string, FileType>();
  private readonly host: HostFiles;

  constructor(host: HostFiles) {
    this.host = host;
  }

  /** @param follow whether a link at the end is followed */
  resolve(path: string, follow: boolean): Resolved {
    if (isSynthetic(path)) return { real: path, links: NO_LINKS, type: undefined };
    const folder = this.folder(parentOf(path), 0);
    if (path === '/') return folder;
    return this.last(join(folder.real, nameOf(path)), folder.links, follow, 0);
  }

  /** What was known of a path, or of what lies below it, may no longer be so. */
  forget(path: string): void {
    this.types.delete(path);
    if (this.folders.has(path)) this.folders.clear();
  }

  private folder(path: string, depth: number): Resolved {
    if (path === '/' || isSynthetic(path)) return { real: path, links: NO_LINKS, type: 'folder' };
    const known = this.folders.get(path);
    if (known !== undefined) return known;
    const above = this.folder(parentOf(path), depth);
    const found = this.last(join(above.real, nameOf(path)), above.links, true, depth);
    if (this.folders.size >= CACHED_AT_MOST) this.folders.clear();
    if (found.type !== undefined) this.folders.set(path, found);
    return found;
  }

  private typeOf(path: string): FileType | undefined {
    const known = this.types.get(path);
    if (known !== undefined) return known;
    const type = this.host.typeOf(path);
    if (this.types.size >= TYPES_AT_MOST) this.types.clear();
    if (type !== undefined) this.types.set(path, type);
    return type;
  }

  private last(at: string, before: readonly string[], follow: boolean, depth: number): Resolved {
    const type = this.typeOf(at);
    if (type !== 'link' || !follow || depth >= LINKS_AT_MOST) return { real: at, links: before, type };
    const target = this.host.readLink(at);
    if (target === undefined) return { real: at, links: before, type };
    const next = resolvePath(parentOf(at), target);
    const folder = this.folder(parentOf(next), depth + 1);
    const links = [...before, at, ...folder.links.filter((link) => !before.includes(link))];
    return this.last(next === '/' ? '/' : join(folder.real, nameOf(next)), links, true, depth + 1);
  }
}

/** What is under these differs from process to process, and asking about it tells of the recorder instead. */
function isSynthetic(path: string): boolean {
  return path.startsWith('/proc/') || path === '/proc' || path.startsWith('/dev/');
}

function join(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}
