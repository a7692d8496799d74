/** Lets a run change folders and files without changing the real ones: overlays, and copies bound over single files. */
import { chmodSync, chownSync, constants, copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LeastwiseError } from '../domain/errors.ts';
import { displayText, isWithin } from '../domain/path.ts';
import { foldersMountedBelow } from './mounts.ts';
import { listChanges, type OverlayChange } from './overlay-changes.ts';
import { keepChanges } from './overlay-keep.ts';
import { mayMount, ownMounts, ownNamespaces, withoutPrivileges } from './privileges.ts';
import { makeScratch, removeScratch } from './scratch.ts';

export interface OverlayRequest {
  /** Absolute real paths of folders; those below another one are covered by it. */
  readonly folders: readonly string[];
  /** Absolute real paths of single files outside of these. */
  readonly files?: readonly string[];
  /** `caller`: what follows the wrapper has the caller's own user and rights. `namespace-root`: it is root of a user
   * namespace and a process namespace, for a tracer that drops the rest later. */
  readonly inside: 'caller' | 'namespace-root';
  /** Where what follows the wrapper starts; the root where it does not matter. */
  readonly cwd?: string;
}

export interface Overlay {
  /** Arguments that run what follows over the overlays. */
  readonly wrapper: readonly string[];
  /** A private folder, mode 0700, that lives as long as the overlay. */
  readonly scratch: string;
  /** What went wrong while the overlays were mounted; undefined for nothing. Call it when the run has ended. */
  failure(): LeastwiseError | undefined;
  /** What the run changed, sorted by path. Call it when the run has ended. */
  changes(): Promise<readonly OverlayChange[]>;
  /** Makes the changes in the real folders. What cannot be kept throws, and the rest is still there. */
  keep(): Promise<void>;
  /** Removes everything; may be called more than once. */
  dispose(): void;
}

/** One overlay: the real folder, and where its changes go. */
export interface Layer {
  readonly folder: string;
  readonly upper: string;
}

export interface FileCopy {
  readonly file: string;
  readonly copy: string;
}

export function prepareOverlay(request: OverlayRequest): Overlay {
  const folders = withMountsBelow(outermost(request.folders));
  const scratch = makeScratch(folders);
  try {
    const layers = folders.map((folder, index) => makeLayer(scratch, folder, index));
    const copies = (request.files ?? []).map((file, index) => makeCopy(scratch, file, index));
    return overlayOf(request, scratch, layers, copies);
  } catch (error) {
    removeScratch(scratch);
    throw error;
  }
}

function overlayOf(
  request: OverlayRequest,
  scratch: string,
  layers: readonly Layer[],
  copies: readonly FileCopy[],
): Overlay {
  let found: Promise<readonly OverlayChange[]> | undefined;
  // Once: the run has ended, and the layers can be mounted again a single time.
  const changes = () => (found ??= listChanges(layers, copies, mountAgain(scratch, layers)));
  return {
    wrapper: [
      ...namespacesFor(request.inside),
      ...setUp(scratch, layers, copies, request.cwd ?? '/', 'work'),
      ...rightsFor(request.inside),
    ],
    scratch,
    failure: () => setUpFailure(scratch, layers, copies),
    changes,
    keep: async () => keepChanges(await changes()),
    dispose: () => removeScratch(scratch),
  };
}

/** Folders that no other one of the list holds, sorted. */
function outermost(folders: readonly string[]): string[] {
  const sorted = [...new Set(folders)].sort();
  return sorted.filter((folder) => !sorted.some((other) => other !== folder && isWithin(folder, other)));
}

/** An overlay does not show what is mounted below its folder: that needs one of its own. Outer ones come first. */
function withMountsBelow(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => [folder, ...foldersMountedBelow(folder)]);
}

function makeLayer(scratch: string, folder: string, index: number): Layer {
  refuseUnmountable(folder);
  const base = join(scratch, String(index));
  for (const name of ['', 'upper', 'work', 'again', 'merged']) mkdirSync(join(base, name), { mode: 0o700 });
  const upper = join(base, 'upper');
  const { mode, uid, gid } = statSync(folder);
  chmodSync(upper, mode & 0o7777);
  if (process.getuid?.() === 0) chownSync(upper, uid, gid);
  return { folder, upper };
}

function refuseUnmountable(path: string): void {
  if (path.isWellFormed() && !path.includes('\ufffd')) return;
  throw new LeastwiseError(
    'sandbox',
    `cannot put an overlay over ${displayText(path)}: its name is not valid UTF-8`,
    'rename the folder, or run with --in-place',
  );
}

function makeCopy(scratch: string, file: string, index: number): FileCopy {
  refuseUnmountable(file);
  const copy = join(scratch, `file-${index}`);
  copyFileSync(file, copy, constants.COPYFILE_FICLONE);
  return { file, copy };
}

function namespacesFor(inside: OverlayRequest['inside']): string[] {
  return inside === 'caller' ? ownMounts() : ownNamespaces();
}

function rightsFor(inside: OverlayRequest['inside']): string[] {
  return inside === 'caller' && !mayMount() ? withoutPrivileges() : [];
}

function setUp(
  scratch: string,
  layers: readonly Layer[],
  copies: readonly FileCopy[],
  cwd: string,
  work: string,
): string[] {
  const binds = [
    ...layers.flatMap((layer, index) => [join(scratch, String(index), 'merged'), layer.folder]),
    ...copies.flatMap((copy) => [copy.copy, copy.file]),
  ];
  const numbers = [String(layers.length), String(binds.length / 2)];
  return ['sh', '-c', SET_UP, 'sh', scratch, cwd, work, ...numbers, ...layers.map((layer) => layer.folder), ...binds];
}

/** As the first process of a namespace it stays, to reap orphans: a tracer in its place wonders about them. Paths come as arguments only. The lower folder is named `.`, so that no character of its path needs an escape. */
// `volatile`: or else the end of an overlay waits until all that anybody wrote to that disk is on it. It cannot be
// mounted again with the same work folder.
const SET_UP = `
scratch=$1 cwd=$2 work=$3 layers=$4 binds=$5; shift 5
fail() { echo "$1" >"$scratch/failed"; exit 125; }
n=0
while [ "$n" -lt "$layers" ]; do
  layer=$scratch/$n
  { cd -- "$1" && mount -t overlay overlay -o "lowerdir=.,upperdir=$layer/upper,workdir=$layer/$work,userxattr,volatile" "$layer/merged"; } 2>>"$scratch/errors" || fail "$n"
  shift; n=$((n + 1))
done
n=0
while [ "$n" -lt "$binds" ]; do
  mount --bind -- "$1" "$2" 2>>"$scratch/errors" || fail "$n"
  shift 2; n=$((n + 1))
done
cd / && cd -- "$cwd" 2>>"$scratch/errors" || fail cwd
[ "$$" = 1 ] || exec "$@"
"$@"
exit $?`;

/** Arguments that mount the layers once more, for looking at the merged folders after the run. */
function mountAgain(scratch: string, layers: readonly Layer[]): string[] {
  return [...ownMounts(), ...setUp(scratch, layers, [], '/', 'again')];
}

function setUpFailure(
  scratch: string,
  layers: readonly Layer[],
  copies: readonly FileCopy[],
): LeastwiseError | undefined {
  const mark = join(scratch, 'failed');
  if (!existsSync(mark)) return undefined;
  const at = readFileSync(mark, 'utf8').trim();
  const said = existsSync(join(scratch, 'errors')) ? readFileSync(join(scratch, 'errors'), 'utf8') : '';
  const object = [...layers.map((layer) => layer.folder), ...copies.map((copy) => copy.file)][Number(at)] ?? at;
  return new LeastwiseError(
    'sandbox',
    `cannot put an overlay over ${displayText(object)}: ${displayText(said.trim().split('\n').at(-1) ?? '')}`,
    `the layers are in ${scratch}: set TMPDIR to a folder on ext4, xfs, btrfs or tmpfs ("leastwise doctor" tries it), or run with --in-place`,
  );
}
