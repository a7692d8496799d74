/** Arguments of a call → the names in the file system that it speaks of. Pure. */
import type { FileType, PathObject } from '../../src/domain/access.ts';
import { resolvePath } from '../../src/domain/path.ts';
import type { LinkResolver } from './links.ts';
import { descriptorPath, stringArgument } from './parse-line.ts';

const NO_LINKS: readonly string[] = [];

/** The absolute path of a string argument, relative to a descriptor argument or the cwd; undefined for NULL and for "". */
export function pathArgument(
  args: readonly string[],
  path: number,
  dir: number | undefined,
  cwd: string,
): string | undefined {
  const text = stringArgument(args[path]);
  if (text === undefined || text === '') return undefined;
  if (text.charCodeAt(0) === 47) return resolvePath('/', text);
  const base = dir === undefined ? undefined : descriptorPath(args[dir]);
  return resolvePath(base ?? cwd, text);
}

/** A name whose access succeeded, or failed for another reason than that nothing is there. */
export function locate(
  path: string,
  links: LinkResolver,
  follow: boolean,
  type?: FileType,
  kernelReal?: string,
): PathObject {
  const found = links.resolve(path, follow);
  const real = path.startsWith('/proc/') ? path : (kernelReal ?? found.real);
  return {
    kind: 'path',
    path,
    ...(real === path ? {} : { real }),
    links: found.links,
    type: type ?? found.type ?? 'unknown',
  };
}

/** A name where nothing was. */
export function nowhere(path: string): PathObject {
  return { kind: 'path', path, links: NO_LINKS, type: 'unknown' };
}

/** The type in a printed `st_mode=S_IFDIR|0755` or `stx_mode=…`; undefined where none is printed. */
export function printedType(arg: string | undefined): FileType | undefined {
  const mode = /stx?_mode=S_IF([A-Z]+)/.exec(arg ?? '');
  return mode === null ? undefined : TYPES[mode[1]!];
}

const TYPES: Readonly<Record<string, FileType>> = {
  REG: 'file',
  DIR: 'folder',
  LNK: 'link',
  SOCK: 'socket',
  CHR: 'device',
  BLK: 'device',
  IFO: 'fifo',
};
