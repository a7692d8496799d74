/** What the recordings say about the accesses that a replay raises questions about. Pure. */
import { succeeded, type Access, type AccessObject, type Operation } from '../domain/access.ts';
import type { Recording } from '../domain/recording.ts';
import { shapeOf } from './shape.ts';

export interface Recorded {
  /** Whether it went well in any recording. */
  succeeded(operation: Operation, object: AccessObject): boolean;
  /** Whether it failed with this error in any recording, at the same place or one of the same shape. */
  failed(operation: Operation, object: AccessObject, errno: string): boolean;
  /** Whether any recording connected to the port, or listened on it. */
  knowsPort(port: number): boolean;
  /** Whether a name server was asked, and none ever answered. */
  readonly asksInVain: boolean;
  /** Whether any recording was made by root. */
  readonly asRoot: boolean;
}

/**
 * Walks over the recordings once, keeping only what concerns `asked`, however many accesses they hold.
 * @param translate a path of that recording → the path on this machine
 */
export function recall(
  recordings: readonly Recording[],
  asked: Iterable<{ readonly operation: Operation; readonly object: AccessObject }>,
  translate: (recording: Recording) => (path: string) => string,
): Recorded {
  const wanted = new Set<string>();
  for (const { operation, object } of asked) {
    for (const key of keysOf(operation, object, identity)) wanted.add(key.exact).add(key.shape);
  }
  const memory: Memory = { good: new Set(), bad: new Set(), ports: new Set(), dnsAsked: false, dnsAnswered: false };
  for (const recording of recordings) {
    const here = translate(recording);
    for (const access of recording.accesses) remember(access, wanted, memory, here);
  }
  return {
    succeeded: (operation, object) => keysOf(operation, object, identity).some((key) => memory.good.has(key.exact)),
    failed: (operation, object, errno) =>
      keysOf(operation, object, identity).some(
        (key) => memory.bad.has(`${key.exact}\0${errno}`) || memory.bad.has(`${key.shape}\0${errno}`),
      ),
    knowsPort: (port) => memory.ports.has(port),
    asksInVain: memory.dnsAsked && !memory.dnsAnswered,
    asRoot: recordings.some((recording) => recording.info.uid === 0),
  };
}

interface Memory {
  readonly good: Set<string>;
  readonly bad: Set<string>;
  readonly ports: Set<number>;
  dnsAsked: boolean;
  dnsAnswered: boolean;
}

interface Key {
  readonly exact: string;
  readonly shape: string;
}

function remember(access: Access, wanted: ReadonlySet<string>, memory: Memory, here: (path: string) => string): void {
  const { object } = access;
  if (object.kind === 'endpoint') {
    memory.ports.add(object.port);
    if (object.port === 53) memory.dnsAsked = true;
  }
  if (object.kind === 'name' && object.addresses.length > 0) memory.dnsAnswered = true;
  const good = succeeded(access.outcome);
  for (const key of keysOf(access.operation, object, here)) {
    if (good && wanted.has(key.exact)) memory.good.add(key.exact);
    if (good || !wanted.has(key.shape)) continue;
    memory.bad.add(`${key.exact}\0${access.outcome}`).add(`${key.shape}\0${access.outcome}`);
  }
}

function identity(path: string): string {
  return path;
}

/** Writing a file that is there, and making it, are one question: it depends on what was there before. */
const ALIKE: Readonly<Partial<Record<Operation, string>>> = { write: 'create', probe: 'stat', send: 'connect' };

function keysOf(operation: Operation, object: AccessObject, here: (path: string) => string): Key[] {
  const verb = ALIKE[operation] ?? operation;
  const key = (exact: string, shape = exact): Key => ({ exact: `${verb}\0${exact}`, shape: `${verb}\0~${shape}` });
  switch (object.kind) {
    case 'path':
      return [key(here(object.path), shapeOf(here(object.path)))];
    case 'pair': {
      const [from, to] = [here(object.from.path), here(object.to.path)];
      return [key(`${from}\0${to}`, `${shapeOf(from)}\0${shapeOf(to)}`)];
    }
    case 'endpoint':
      return [key(`${object.protocol} ${object.address} ${object.port}`)];
    case 'abstract-socket':
      return [key(`@${object.name}`, shapeOf(object.name))];
    case 'name':
      return [key(object.name)];
    case 'descriptor':
      return [];
  }
}
