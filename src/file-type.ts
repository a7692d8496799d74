/** What kind of thing the file system says that something is. */
import type { Stats } from 'node:fs';
import type { FileType } from './domain/access.ts';

type StatsLike = Pick<Stats, 'isFile' | 'isDirectory' | 'isSymbolicLink' | 'isSocket' | 'isFIFO'>;

export function typeOfStats(stats: StatsLike): FileType {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  if (stats.isSocket()) return 'socket';
  return stats.isFIFO() ? 'fifo' : 'device';
}
