/** Whether what the workload left behind in the recordings is there after the replay too. Pure. */
import type { FileType } from '../domain/access.ts';
import type { OutputFile } from '../domain/recording.ts';
import type { Effect } from '../domain/verdict.ts';
import { isFanOut, nameShape, shapeOf } from './shape.ts';

/** The file system as the workload left it; links are not followed. */
export interface FinalView {
  typeOf(path: string): FileType | undefined;
  /** Names in a folder; empty where there are none. */
  list(folder: string): readonly string[];
}

export interface ExpectedOutputs {
  /** Of each recording that counts, with the paths of this machine. */
  readonly recordings: readonly (readonly OutputFile[])[];
  /** Whether a path is one of the sandbox's own, thrown away as it should be. */
  readonly isPrivate: (path: string) => boolean;
}

/** Outputs that all recordings left, at the same place or one of the same shape, and that are missing now or of another kind. */
export function judgeEffects(expected: ExpectedOutputs, view: FinalView): Effect[] {
  return common(expected.recordings).flatMap((output) => judgeOutput(output, expected, view));
}

function judgeOutput(output: OutputFile, expected: ExpectedOutputs, view: FinalView): Effect[] {
  const { path, type } = output;
  if (expected.isPrivate(path)) return [{ kind: 'lost', path, expected: type, seen: null, counts: false }];
  const seen = typesLike(path, view);
  if (seen.includes(type) || (type === 'unknown' && seen.length > 0)) return [];
  const first = seen[0];
  if (first === undefined)
    return [{ kind: 'missing', path, expected: type, seen: null, counts: !isPassing(output, view) }];
  return [{ kind: 'differs', path, expected: type, seen: first, counts: true }];
}

const SIDECAR = /-(?:wal|shm|journal)$/;

/** What lives no longer than its owner wants: a socket, and what a database keeps beside its file while it is open. */
function isPassing({ path, type }: OutputFile, view: FinalView): boolean {
  return type === 'socket' || (SIDECAR.test(path) && typesLike(path.replace(SIDECAR, ''), view).length > 0);
}

function common(recordings: readonly (readonly OutputFile[])[]): readonly OutputFile[] {
  const [first = [], ...others] = recordings;
  const shapes = others.map((outputs) => new Set(outputs.map((output) => shapeOf(output.path))));
  const kept = first.filter((output) => shapes.every((known) => known.has(shapeOf(output.path))));
  return kept.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Listing stops after so many folders: random names in random folders multiply. */
const FOLDERS_AT_MOST = 500;

/** What is at the path, or, where nothing is, at all paths of its shape. */
function typesLike(path: string, view: FinalView): FileType[] {
  const exact = view.typeOf(path);
  if (exact !== undefined) return [exact];
  const names = path.split('/').slice(1);
  let open: string[] = [''];
  let listed = 0;
  for (const [index, name] of names.entries()) {
    const fanOut = isFanOut(names, index);
    const shape = nameShape(name, fanOut);
    open = open.flatMap((folder) => {
      const plain = `${folder}/${name}`;
      if (shape === name) return view.typeOf(plain) === undefined ? [] : [plain];
      if (++listed > FOLDERS_AT_MOST) return [];
      return view.list(folder || '/').filter((other) => nameShape(other, fanOut) === shape).map((other) => `${folder}/${other}`); // prettier-ignore
    });
    if (open.length === 0) return [];
  }
  return open.flatMap((found) => view.typeOf(found) ?? []);
}
