/** What the resolver asks of this machine, from the real file system. */
import { closeSync, lstatSync, openSync, readlinkSync, readSync, statSync, type Stats } from 'node:fs';
import { bytesOfText, textOfBytes } from '../../src/domain/path.ts';
import { typeOfStats } from '../../src/file-type.ts';
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
