/** Makes the changes of an overlay in the real folders. */
import {
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  lchownSync,
  mkdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  type Stats,
} from 'node:fs';
import { LeastwiseError } from '../domain/errors.ts';
import { displayText, nameOf, parentOf } from '../domain/path.ts';
import { bytesOf, statOf, type OverlayChange } from './overlay-changes.ts';

/** Deletes first, then creates, parents before children. A file is replaced in one step, so that it is never half there. */
export function keepChanges(changes: readonly OverlayChange[]): void {
  for (const change of changes) if (change.kind === 'deleted') attempt(change, () => remove(change.path));
  for (const change of changes) if (change.kind !== 'deleted') attempt(change, () => put(change));
  for (const change of changes.toReversed()) if (change.kind !== 'deleted') attempt(change, () => setTimes(change));
}

function attempt(change: OverlayChange, step: () => void): void {
  try {
    step();
  } catch (error) {
    throw new LeastwiseError(
      'io',
      `cannot keep the change of ${displayText(change.path)}: ${displayText((error as Error).message)}`,
      'the other changes may be made in part',
      error,
    );
  }
}

function remove(path: string): void {
  rmSync(bytesOf(path), { recursive: true, force: true });
}

function put(change: OverlayChange): void {
  const stats = statOf(change.source!);
  if (!stats) return;
  const there = statOf(change.path);
  if (there && there.isDirectory() !== stats.isDirectory()) remove(change.path);
  if (stats.isDirectory()) putFolder(change.path, stats);
  else if (stats.isSymbolicLink()) replace(change.path, (at) => putLink(change.source!, at, stats));
  else if (stats.isFile()) replace(change.path, (at) => putFile(change.source!, at, stats));
  // Sockets, devices and pipes live no longer than the run.
}

function putFolder(path: string, stats: Stats): void {
  if (!statOf(path)) mkdirSync(bytesOf(path), { mode: 0o700 });
  own(path, stats);
  chmodSync(bytesOf(path), stats.mode & 0o7777);
}

function putLink(source: string, at: string, stats: Stats): void {
  symlinkSync(readlinkSync(bytesOf(source), { encoding: 'buffer' }), bytesOf(at));
  if (isRoot()) lchownSync(bytesOf(at), stats.uid, stats.gid);
}

function putFile(source: string, at: string, stats: Stats): void {
  copyFileSync(bytesOf(source), bytesOf(at), constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
  own(at, stats);
  chmodSync(bytesOf(at), stats.mode & 0o7777);
}

function own(path: string, stats: Stats): void {
  if (isRoot()) chownSync(bytesOf(path), stats.uid, stats.gid);
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function replace(path: string, make: (at: string) => void): void {
  const beside = `${parentOf(path)}/.leastwise-${process.pid}-${nameOf(path).slice(0, 40)}`;
  try {
    make(beside);
    renameSync(bytesOf(beside), bytesOf(path));
  } catch (error) {
    rmSync(bytesOf(beside), { force: true });
    throw error;
  }
}

function setTimes(change: OverlayChange): void {
  const stats = statOf(change.source!);
  if (stats?.isFile() || stats?.isDirectory()) utimesSync(bytesOf(change.path), stats.atime, stats.mtime);
}
