/** Recordings made by hand, and a file system in memory to compile against: for the pure half. */
import type { Access, AccessObject, FileType, Operation, PathObject } from '../../src/domain/access.ts';
import { ancestorsOf, nameOf, parentOf } from '../../src/domain/path.ts';
import type { Recording, RecordingInfo } from '../../src/domain/recording.ts';
import type { HostFacts } from '../../synthesizer/targets/mxc.ts';

export const PLACES = { workspace: '/w/app', home: '/home/u', tmp: '/tmp' } as const;

export function recordingOf(id: string, accesses: readonly Access[], info: Partial<RecordingInfo> = {}): Recording {
  return {
    info: {
      id,
      name: 'test',
      flavour: 'posix',
      command: ['/bin/true'],
      cwd: PLACES.workspace,
      ...PLACES,
      uid: 1000,
      tracer: 'hand',
      started: 0,
      ended: 1,
      exit: { code: 0 },
      status: 'complete',
      problems: [],
      disposable: false,
      homes: [],
      tmps: [],
      environment: [],
      outputs: [],
      ...info,
    },
    processes: [],
    accesses,
  };
}

export function access(
  operation: Operation,
  path: string,
  more: { type?: FileType; outcome?: string; to?: string; links?: string[]; real?: string } = {},
): Access {
  const one = (at: string): PathObject => ({
    kind: 'path',
    path: at,
    links: more.links ?? [],
    type: more.type ?? 'file',
    ...(more.real === undefined ? {} : { real: more.real }),
  });
  const object: AccessObject = more.to === undefined ? one(path) : { kind: 'pair', from: one(path), to: one(more.to) };
  return {
    operation,
    object,
    outcome: more.outcome ?? 'ok',
    evidence: `${operation}("${path}")`,
    program: '/usr/bin/prog',
    count: 1,
    first: 0,
    last: 0,
    process: 1,
  };
}

/** A machine that holds these files, and the folders above them; a path that ends in `/` is an empty folder. */
export function machineWith(files: readonly string[]): HostFacts {
  const types = new Map<string, FileType>([['/', 'folder']]);
  for (const file of files) {
    const path = file.replace(/\/$/, '');
    for (const folder of ancestorsOf(path)) types.set(folder, 'folder');
    if (types.get(path) !== 'folder') types.set(path, file.endsWith('/') ? 'folder' : 'file');
  }
  return {
    variables: PLACES,
    typeOf: (path) => types.get(path),
    realPath: (path) => (types.has(path) ? path : undefined),
    list: (folder) =>
      [...types]
        .filter(([path]) => path !== '/' && parentOf(path) === folder)
        .map(([path, type]) => ({ name: nameOf(path), type })),
    readable: () => true,
    writable: () => true,
  };
}
