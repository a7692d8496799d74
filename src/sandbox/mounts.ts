/** What is mounted where, as the kernel tells it. */
import { readFileSync, statSync } from 'node:fs';
import { isWithin } from '../domain/path.ts';

/** Folders below `folder` that something is mounted on, outer ones first. Unreadable mount tables count as empty. */
export function foldersMountedBelow(folder: string, table: string = mountTable()): string[] {
  const points = table
    .split('\n')
    .map((line) => line.split(' ')[4])
    .filter((point) => point !== undefined)
    .map(unescapeMountPoint);
  return [...new Set(points)].filter((point) => point !== folder && isWithin(point, folder) && isFolder(point)).sort();
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

function mountTable(): string {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8');
  } catch {
    return '';
  }
}

function unescapeMountPoint(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
