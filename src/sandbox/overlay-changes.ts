/** What a run over an overlay changed: the upper folder holds it, and the merged folder tells what is gone. */
import { spawn } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs';
import type { FileType } from '../domain/access.ts';
import { LeastwiseError } from '../domain/errors.ts';
import { bytesOfText, textOfBytes } from '../domain/path.ts';
import type { FileCopy, Layer } from './overlay.ts';
import { typeOfStats } from '../file-type.ts';

export interface OverlayChange {
  readonly kind: 'created' | 'changed' | 'deleted';
  /** Absolute, where it is in the real folders. */
  readonly path: string;
  /** What it is now, or was where it is deleted. */
  readonly type: FileType;
  /** Where its present state lies; null where it is deleted. */
  readonly source: string | null;
}

/** @param mountAgain arguments that run what follows where the layers are mounted, the first folder's as in the list */
export async function listChanges(
  layers: readonly Layer[],
  copies: readonly FileCopy[],
  mountAgain: readonly string[],
): Promise<readonly OverlayChange[]> {
  const found = layers.map((layer) => walkUpper(layer));
  const merged = await listMerged(
    found.flatMap((one) => one.shared),
    mountAgain,
  );
  const changes = [
    ...found.flatMap((one) => one.changes),
    ...found.flatMap((one) => one.shared).flatMap((folder) => deletedIn(folder, merged)),
    ...copies.flatMap(changeOfCopy),
  ];
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** The file system's own calls take bytes: a name need not be valid UTF-8. */
export function bytesOf(path: string): Buffer {
  return Buffer.from(bytesOfText(path));
}

export function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(bytesOf(path));
  } catch {
    return undefined;
  }
}

interface UpperWalk {
  readonly changes: OverlayChange[];
  /** Folders that are on both sides: entries of the lower one that the merged one lacks were deleted. */
  readonly shared: string[];
}

function walkUpper(layer: Layer): UpperWalk {
  const walk: UpperWalk = { changes: [], shared: [] };
  const open = [''];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const names = namesIn(layer.upper + at);
    if (names.length > 0 && statOf(layer.folder + at)?.isDirectory()) walk.shared.push(layer.folder + at);
    for (const name of names) {
      if (visit(layer, `${at}/${name}`, walk)) open.push(`${at}/${name}`);
    }
  }
  return walk;
}

/** @returns whether it is a folder to look into */
function visit(layer: Layer, relative: string, walk: UpperWalk): boolean {
  const source = layer.upper + relative;
  const path = layer.folder + relative;
  const upper = statOf(source);
  if (!upper || isWhiteout(upper)) return false;
  const lower = statOf(path);
  const type = typeOfStats(upper);
  if (!lower) walk.changes.push({ kind: 'created', path, type, source });
  else if (type !== 'folder' || !lower.isDirectory() || lower.mode !== upper.mode) {
    if (!sameContent(upper, lower, source, path)) walk.changes.push({ kind: 'changed', path, type, source });
  }
  return type === 'folder';
}

function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0;
}

/** Opening a file for writing copies it up, changed or not. */
function sameContent(upper: Stats, lower: Stats, source: string, path: string): boolean {
  if (!upper.isFile() || !lower.isFile()) return false;
  return (
    upper.size === lower.size && upper.mode === lower.mode && upper.mtimeMs === lower.mtimeMs && sameBytes(source, path)
  );
}

const COMPARED_AT_MOST = 16 << 20;

function sameBytes(a: string, b: string): boolean {
  const size = statOf(a)?.size ?? 0;
  if (size > COMPARED_AT_MOST) return true; // the same size, mode and time: only a copy-up looks like that
  try {
    return readFileSync(bytesOf(a)).equals(readFileSync(bytesOf(b)));
  } catch {
    return false;
  }
}

function deletedIn(folder: string, merged: ReadonlySet<string>): OverlayChange[] {
  return namesIn(folder)
    .map((name) => `${folder === '/' ? '' : folder}/${name}`)
    .filter((path) => !merged.has(path))
    .flatMap((path): OverlayChange[] => {
      const stats = statOf(path);
      return stats ? [{ kind: 'deleted', path, type: typeOfStats(stats), source: null }] : [];
    });
}

function changeOfCopy(copy: FileCopy): OverlayChange[] {
  const now = statOf(copy.copy);
  const before = statOf(copy.file);
  if (!now || !before || sameBytesWhole(copy)) return [];
  return [{ kind: 'changed', path: copy.file, type: 'file', source: copy.copy }];
}

function sameBytesWhole(copy: FileCopy): boolean {
  return readFileSync(copy.copy).equals(readFileSync(copy.file));
}

function namesIn(folder: string): string[] {
  return readdirSync(bytesOf(folder), { encoding: 'buffer' }).map((name) => textOfBytes(name));
}

/**
 * The entries of folders as the merged view has them. Only the kernel can tell: whether a folder hides all that is
 * below it is kept in an extended attribute, which Node cannot read.
 */
async function listMerged(folders: readonly string[], mountAgain: readonly string[]): Promise<ReadonlySet<string>> {
  if (folders.length === 0) return new Set();
  const input = Buffer.concat(folders.flatMap((folder) => [bytesOf(folder), Buffer.of(0)]));
  const output = await run([...mountAgain, 'xargs', '-0', 'sh', '-c', LIST, 'sh'], input);
  const names = new Set<string>();
  let from = 0;
  for (let to = output.indexOf(0); to >= 0; to = output.indexOf(0, from)) {
    names.add(textOfBytes(output.subarray(from, to)));
    from = to + 1;
  }
  return names;
}

/** A folder that is gone prints nothing. */
const LIST = 'for folder do find "$folder" -mindepth 1 -maxdepth 1 -print0 2>/dev/null; done; exit 0';

function run(argv: readonly string[], input: Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(argv[0]!, argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] });
    const pieces: Buffer[] = [];
    const fail = (why: string): void =>
      reject(new LeastwiseError('sandbox', `cannot list what the run changed: ${why}`, 'run "leastwise doctor"'));
    child.on('error', (error) => fail(error.message));
    child.stdin.on('error', () => undefined); // its exit code tells
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    child.on('close', (code) => (code === 0 ? resolve(Buffer.concat(pieces)) : fail(`the overlay ended with ${code}`)));
    child.stdin.end(input);
  });
}
