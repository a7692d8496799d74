/** Which accesses of a replay the enforcement stopped, or swallowed: files and folders. Pure. */
import type { Coverage } from '../../synthesizer/coverage.ts';
import { changes, changesFolder, succeeded, type Operation, type PathObject } from '../domain/access.ts';
import { parentOf } from '../domain/path.ts';
import type { Recorded } from './recorded.ts';
import type { ReplayAccess } from './watch.ts';

/** What the judge asks of the machine. Links are followed. */
export interface JudgedHost {
  exists(path: string): boolean;
  /** With all links resolved; undefined where nothing is. */
  realPath(path: string): string | undefined;
}

export interface FileQuestion {
  readonly coverage: (path: string) => Coverage;
  readonly host: JudgedHost;
  readonly recorded: Recorded;
  /** Whether the run was over an overlay, which has limits of its own. */
  readonly overlay: boolean;
  /** Whether learning left the look at this path out on purpose. */
  readonly leftOut: (operation: Operation, path: string) => boolean;
  /** Whether the replay made something at this path after all: a program that copies where it cannot rename. */
  readonly made: (path: string) => boolean;
}

/** `limit`: nothing was lost, though it went another way: the overlay's doing, or a program that knew a way round. */
export type Finding =
  | { readonly kind: 'denial'; readonly path: string; readonly grant: string | null; readonly because: string }
  | { readonly kind: 'limit'; readonly path: string; readonly because: string };

/** @returns undefined where nothing was denied */
export function judgeFile(access: ReplayAccess, paths: readonly PathObject[], ask: FileQuestion): Finding | undefined {
  const places = paths.map((path) => placeOf(path, access.operation, ask));
  if (succeeded(access.outcome)) return lostWrite(access, places);
  if (ask.recorded.failed(access.operation, access.object, access.outcome) && !recordedWell(access, ask))
    return undefined;
  const judgeError = ERRORS[access.outcome];
  return judgeError?.(access, places, ask);
}

interface Place {
  readonly path: string;
  readonly coverage: Coverage;
  /** What the access needs to see: the object, or for a new entry its folder. */
  readonly hidden: Coverage | undefined;
}

type Judge = (access: ReplayAccess, places: readonly Place[], ask: FileQuestion) => Finding | undefined;

const ERRORS: Readonly<Record<string, Judge>> = {
  ENOENT: judgeMissing,
  ENOTDIR: judgeMissing,
  EROFS: judgeReadOnly,
  EACCES: judgeRefused,
  EPERM: judgeRefused,
  EBUSY: judgeBusy,
  EXDEV: judgeCrossing,
  EOVERFLOW: (access, places, ask) =>
    ask.overlay && changes(access.operation)
      ? limit(places, 'the overlay cannot copy a file of an owner it does not know')
      : undefined,
};

function placeOf(object: PathObject, operation: Operation, ask: FileQuestion): Place {
  const path = object.real ?? object.path;
  const coverage = ask.coverage(path);
  const needed = !ask.host.exists(path) && mayMake(operation) ? parentOf(path) : path;
  return { path, coverage, hidden: hiddenOf(needed, operation, ask) };
}

function mayMake(operation: Operation): boolean {
  return changesFolder(operation) || operation === 'write';
}

/** Where a path that exists on the machine is out of sight: itself, or what it really is. */
function hiddenOf(path: string, operation: Operation, ask: FileQuestion): Coverage | undefined {
  if (!ask.host.exists(path)) return undefined;
  const real = changesFolder(operation) ? path : (ask.host.realPath(path) ?? path);
  for (const at of path === real ? [path] : [path, real]) {
    const coverage = ask.coverage(at);
    if (isOutOfSight(coverage)) return coverage;
    if (coverage.visibility === 'private' && !isOwnProcess(at)) return coverage;
  }
  return undefined;
}

function isOutOfSight(coverage: Coverage): boolean {
  return coverage.visibility === 'absent' || coverage.visibility === 'denied';
}

/** `/proc/123`: processes of the machine are not those of the sandbox. */
function isOwnProcess(path: string): boolean {
  return /^\/proc\/\d/.test(path);
}

function recordedWell(access: ReplayAccess, ask: FileQuestion): boolean {
  return ask.recorded.succeeded(access.operation, access.object);
}

const LOOKS: ReadonlySet<Operation> = new Set<Operation>(['stat', 'probe', 'list']);

/** A change that was reported as done, in a place that is thrown away. */
function lostWrite(access: ReplayAccess, places: readonly Place[]): Finding | undefined {
  if (!changes(access.operation)) return undefined;
  const place = places.find(({ coverage }) => isOutOfSight(coverage));
  if (!place) return undefined;
  const where = place.coverage.visibility === 'denied' ? 'a masked folder' : 'the throw-away root';
  return denial(place, `${notGranted(place.coverage)}: it went to ${where} of the sandbox and was lost`);
}

function judgeMissing(access: ReplayAccess, places: readonly Place[], ask: FileQuestion): Finding | undefined {
  const place = places.find(({ hidden }) => hidden !== undefined);
  if (!place?.hidden) return undefined;
  const well = recordedWell(access, ask);
  if (LOOKS.has(access.operation) && (!well || isLeftOut(access.operation, place.path, ask))) return undefined;
  if (place.hidden.visibility === 'private') {
    return well
      ? denial(place, 'the sandbox has its own in this place, without what is there on the machine')
      : undefined;
  }
  return denial({ ...place, coverage: place.hidden }, notGranted(place.hidden));
}

/** Learning speaks of real paths; one that is out of sight is known by the name that was asked for. */
function isLeftOut(operation: Operation, path: string, ask: FileQuestion): boolean {
  return ask.leftOut(operation, path) || ask.leftOut(operation, ask.host.realPath(path) ?? path);
}

function judgeReadOnly(access: ReplayAccess, places: readonly Place[]): Finding | undefined {
  if (access.operation === 'probe') return undefined;
  const place = places.find(({ coverage }) => coverage.visibility !== 'read-write') ?? places[0];
  return place && denial(place, writeRefused(place.coverage));
}

function judgeRefused(access: ReplayAccess, places: readonly Place[], ask: FileQuestion): Finding | undefined {
  const denied = places.find(({ coverage }) => coverage.visibility === 'denied');
  if (denied && access.operation !== 'probe') return denial(denied, notGranted(denied.coverage));
  const fixed = places.find(({ coverage }) => coverage.visibility === 'read-only');
  if (fixed && changes(access.operation)) return denial(fixed, writeRefused(fixed.coverage));
  const place = places[0];
  if (!place || !recordedWell(access, ask) || access.operation === 'probe') return undefined;
  const why = ask.recorded.asRoot
    ? 'a replay runs without the powers of root, which the recording had'
    : 'it went well in a recording';
  return denial(place, why);
}

function judgeBusy(access: ReplayAccess, places: readonly Place[], ask: FileQuestion): Finding | undefined {
  const place = places.find(({ path, coverage }) => coverage.mount === path);
  if (place)
    return denial(place, 'it is granted by itself, and what is granted by itself cannot be replaced or removed');
  const first = places[0];
  return first && recordedWell(access, ask) ? denial(first, 'it went well in a recording') : undefined;
}

function judgeCrossing(access: ReplayAccess, places: readonly Place[], ask: FileQuestion): Finding | undefined {
  const [from, to] = places;
  if (!from) return undefined;
  if (to && ask.made(to.path)) return limit(places, 'it could not be renamed or linked across grants, and was copied');
  if (to && from.coverage.mount !== to.coverage.mount) {
    // Learning knew, and the program has another way, or it will show in what it leaves behind.
    if (ask.leftOut(access.operation, parentOf(to.path))) return undefined;
    return denial(to, 'it goes from one grant to another: that works below one common grant only');
  }
  if (ask.overlay) return limit(places, 'the overlay cannot rename a folder that was there before');
  return recordedWell(access, ask) ? denial(from, 'it went well in a recording') : undefined;
}

function notGranted({ visibility, grant }: Coverage): string {
  if (visibility === 'denied')
    return grant === null ? 'guarded, and nobody decided to allow it' : 'denied by the policy';
  return 'not granted';
}

function writeRefused(coverage: Coverage): string {
  switch (coverage.visibility) {
    case 'read-only':
      return 'granted for reading only';
    case 'baseline':
      return 'a system folder, readable for all and writable for none';
    case 'denied':
    case 'absent':
      return notGranted(coverage);
    case 'private':
    case 'read-write':
      return 'the file system is read-only';
  }
}

function denial(place: { path: string; coverage: Coverage }, because: string): Finding {
  return { kind: 'denial', path: place.path, grant: place.coverage.grant, because };
}

function limit(places: readonly Place[], because: string): Finding | undefined {
  return places[0] && { kind: 'limit', path: places[0].path, because };
}
