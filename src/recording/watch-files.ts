/** Which files of a run matter once it has ended: what it ran and read, and what it made and left behind. */
import { lstatSync } from 'node:fs';
import { changes, pathsOf, succeeded, type AccessDetail } from '../domain/access.ts';
import type { TraceEvent } from '../domain/event.ts';
import { bytesOfText, isWithin } from '../domain/path.ts';
import type { OutputFile } from '../domain/recording.ts';
import { typeOfStats } from '../file-type.ts';
import type { FilesOfWorkload } from './environment.ts';

const PATHS_AT_MOST = 100_000;
const READ_AT_MOST = 5_000;
const NOT_OUTPUT = ['/proc', '/dev', '/sys'];
/** Read by everyone, and speaking of every variable there is. */
const NOT_OWN = ['/usr/lib', '/usr/share', '/lib', '/lib64', '/etc', '/proc', '/sys', '/dev'];

export class FileWatch {
  private readonly programs = new Set<string>();
  private readonly read = new Set<string>();
  private readonly written = new Set<string>();

  /** Needs no event that tells of the same access again. */
  push(event: TraceEvent): void {
    if (event.kind === 'process-exec') {
      if (this.programs.size < READ_AT_MOST) this.programs.add(event.executable);
    } else if (event.kind === 'access') this.pushAccess(event.access);
  }

  files(): FilesOfWorkload {
    return { programs: [...this.programs], others: [...this.read].filter((path) => !this.programs.has(path)) };
  }

  /** What was made or written and is still there. */
  outputs(): OutputFile[] {
    const found: OutputFile[] = [];
    for (const path of [...this.written].sort()) {
      const type = typeAt(path);
      if (type !== undefined) found.push({ path, type });
    }
    return found;
  }

  private pushAccess(access: AccessDetail): void {
    if (!succeeded(access.outcome)) return;
    const paths = pathsOf(access.object);
    if (access.operation === 'read' && paths[0] !== undefined) this.pushRead(paths[0].real ?? paths[0].path);
    if (!changes(access.operation)) return;
    const to = paths.at(-1);
    if (to === undefined || access.operation === 'delete') return;
    const at = to.real ?? to.path;
    if (this.written.size < PATHS_AT_MOST && !NOT_OUTPUT.some((root) => isWithin(at, root))) this.written.add(at);
  }

  private pushRead(path: string): void {
    if (this.read.size < READ_AT_MOST && !NOT_OWN.some((root) => isWithin(path, root))) this.read.add(path);
  }
}

function typeAt(path: string): OutputFile['type'] | undefined {
  const stats = lstatSync(Buffer.from(bytesOfText(path)), { throwIfNoEntry: false });
  return stats && typeOfStats(stats);
}
