/**
 * What a workload did to an object, in words that no tracer owns. Pure types and small questions about them.
 */

/** What was done. `create`, `delete` and their kin change the folder that holds the object. */
export type Operation =
  | 'read' // a file was opened for reading
  | 'list' // a folder was opened for reading its entries
  | 'write' // an existing file was opened for writing, or truncated
  | 'create' // a file, folder, device or fifo came to be (a symbolic link: `symlink`)
  | 'delete'
  | 'rename' // object: pair
  | 'link' // hard link; object: pair (from the existing name to the new one)
  | 'symlink' // a symbolic link came to be
  | 'metadata' // mode, owner, times, extended attributes were changed
  | 'execute' // a program, its interpreter, or a script was started
  | 'stat' // metadata was read (also readlink, chdir, statfs, inotify)
  | 'probe' // asked whether an access would be allowed (access(2))
  | 'connect'
  | 'listen' // a socket was bound to an address
  | 'send' // a datagram to an address
  | 'resolve' // a name was asked for and answered
  | 'inherit'; // a descriptor was there from the start

/** `ok`, or the name of the error that the program saw, such as `ENOENT`. */
export type Outcome = string;

export type FileType = 'file' | 'folder' | 'link' | 'socket' | 'device' | 'fifo' | 'unknown';

/** One name in the file system. */
export interface PathObject {
  readonly kind: 'path';
  /** Absolute and normal (`.` and `..` taken out as text), as the program asked for it. */
  readonly path: string;
  /** Where it really is, all symbolic links resolved; undefined where it is the same as `path` or could not be known. */
  readonly real?: string;
  /** The symbolic links that were followed or named on the way, absolute, in order; empty for none. */
  readonly links: readonly string[];
  readonly type: FileType;
}

export type AccessObject =
  | PathObject
  | { readonly kind: 'pair'; readonly from: PathObject; readonly to: PathObject }
  | { readonly kind: 'endpoint'; readonly protocol: 'tcp' | 'udp'; readonly address: string; readonly port: number }
  | { readonly kind: 'abstract-socket'; readonly name: string }
  | { readonly kind: 'name'; readonly name: string; readonly addresses: readonly string[] }
  | { readonly kind: 'descriptor'; readonly descriptor: number; readonly target: string };

/** What one access was, without who and when. Tracers intern these: the same object stands for the same access. */
export interface AccessDetail {
  readonly operation: Operation;
  readonly object: AccessObject;
  readonly outcome: Outcome;
  /** The system call, or event, as the tracer saw it, one line, cut at 400 characters. Evidence, hostile text. */
  readonly evidence: string;
}

/** One row of a recording: all accesses that are the same but for time and process. */
export interface Access extends AccessDetail {
  /** The executable of the process that did it, absolute. */
  readonly program: string;
  readonly count: number;
  /** Milliseconds since the epoch, first and last seen. */
  readonly first: number;
  readonly last: number;
  /** The `ProcessInfo.id` of the first process that did it. */
  readonly process: number;
}

/** A process of a recording. Ids are counted from 1 within it: pids can be used again, ids are not. */
export interface ProcessInfo {
  readonly id: number;
  readonly pid: number;
  /** Undefined for the workload's first process. */
  readonly parent?: number;
  readonly executable: string;
  /** The interpreter that a `#!` line named; undefined where there was none. */
  readonly interpreter?: string;
  readonly argv: readonly string[];
  readonly started: number;
  /** Undefined while it runs, or where its end was not seen. */
  readonly ended?: number;
  readonly exitCode?: number;
  readonly signal?: string;
}

export function succeeded(outcome: Outcome): boolean {
  return outcome === 'ok' || outcome === 'EINPROGRESS';
}

const STRUCTURAL: ReadonlySet<Operation> = new Set<Operation>(['create', 'delete', 'rename', 'link', 'symlink']);
const CONTENT: ReadonlySet<Operation> = new Set<Operation>(['write', 'metadata']);

/** Whether the operation needs the folder of its object writable. */
export function changesFolder(operation: Operation): boolean {
  return STRUCTURAL.has(operation);
}

/** Whether the operation changes anything in the file system. */
export function changes(operation: Operation): boolean {
  return STRUCTURAL.has(operation) || CONTENT.has(operation);
}

/** The file system names that an object speaks of: none for a network object. */
export function pathsOf(object: AccessObject): readonly PathObject[] {
  if (object.kind === 'path') return [object];
  return object.kind === 'pair' ? [object.from, object.to] : [];
}

/** What makes two accesses of one program the same row. */
export function accessKey(detail: AccessDetail): string {
  return `${detail.operation}\0${detail.outcome}\0${objectKey(detail.object)}`;
}

function objectKey(object: AccessObject): string {
  switch (object.kind) {
    case 'path':
      return pathKey(object);
    case 'pair':
      return `${pathKey(object.from)}\0${pathKey(object.to)}`;
    case 'endpoint':
      return `${object.protocol}:${object.address}:${object.port}`;
    case 'abstract-socket':
      return `@${object.name}`;
    case 'name':
      return `${object.name}=${object.addresses.join(',')}`;
    case 'descriptor':
      return `${object.descriptor}>${object.target}`;
  }
}

function pathKey(path: PathObject): string {
  return path.real === undefined ? path.path : `${path.path}>${path.real}`;
}
