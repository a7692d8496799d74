/** What the resolver asks of this machine, from the real file system. */
import { closeSync, lstatSync, openSync, readlinkSync, readSync, statSync, type Stats } from 'node:fs';
import type { FileType } from '../../src/domain/access.ts';
import { bytesOfText, textOfBytes } from '../../src/domain/path.ts';
import type { HostFiles } from './links.ts';

export const hostFiles: HostFiles = {
  typeOf: (path) => {
    const stats = lookAt(path);
    return stats && typeOfStats(stats);
  },
  readLink: (path) => {
    try {
      return textOfBytes(readlinkSync(systemPath(path), { encoding: 'buffer' }));
    } catch {
      return undefined;
    }
  },
  bornAt: (path) => lookAt(path)?.birthtimeMs,
  head: (path, bytes) => {
    try {
      const file = openSync(systemPath(path), 'r');
      try {
        const buffer = Buffer.alloc(bytes);
        return buffer.toString('latin1', 0, readSync(file, buffer, 0, bytes, 0));
      } finally {
        closeSync(file);
      }
    } catch {
      return '';
    }
  },
  isSetId: (path) => {
    try {
      return (statSync(systemPath(path)).mode & 0o6000) !== 0;
    } catch {
      return false;
    }
  },
};

export function typeOfStats(stats: Stats): FileType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isSocket()) return 'socket';
  return stats.isFIFO() ? 'fifo' : 'device';
}

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(systemPath(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function systemPath(path: string): string | Buffer {
  return path.isWellFormed() ? path : Buffer.from(bytesOfText(path));
}
