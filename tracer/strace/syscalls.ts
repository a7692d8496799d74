/** The calls that are traced, a row each: what it does, and at which positions its arguments stand. */
import type { Operation } from '../../src/domain/access.ts';

export type SyscallRow =
  | { readonly act: 'open'; readonly dir?: number; readonly path: number; readonly flags: number }
  | {
      readonly act: 'path';
      readonly operation: Operation;
      readonly dir?: number;
      readonly path: number;
      /** Position of the flags that say that a link is not followed. */
      readonly flags?: number;
      /** A link at the end is never followed. */
      readonly onLink?: boolean;
      readonly type?: 'folder' | 'link';
      /** Position of a printed `st_mode` or `stx_mode`. */
      readonly mode?: number;
    }
  | { readonly act: 'descriptor'; readonly operation: Operation; readonly descriptor: number }
  | {
      readonly act: 'pair';
      readonly operation: 'rename' | 'link';
      readonly fromDir?: number;
      readonly from: number;
      readonly toDir?: number;
      readonly to: number;
    }
  | { readonly act: 'cwd'; readonly path?: number; readonly descriptor?: number }
  | {
      readonly act: 'exec';
      readonly dir?: number;
      readonly path: number;
      readonly argv: number;
      readonly environment: number;
    }
  | { readonly act: 'fork' }
  | { readonly act: 'socket' }
  | {
      readonly act: 'address';
      readonly operation: 'connect' | 'listen' | 'send';
      readonly address: number;
      readonly data?: number;
    }
  /** Tells which port a socket got that asked for any. */
  | { readonly act: 'own-address'; readonly address: number }
  | { readonly act: 'receive'; readonly data: number; readonly address: number }
  | { readonly act: 'message'; readonly operation: 'send' | 'receive'; readonly message: number }
  | { readonly act: 'ptrace' }
  | { readonly act: 'io-uring' };

/** The rows of one kind. */
export type Row<Act extends SyscallRow['act']> = Extract<SyscallRow, { act: Act }>;

export const SYSCALLS: Readonly<Record<string, SyscallRow>> = {
  open: { act: 'open', path: 0, flags: 1 },
  openat: { act: 'open', dir: 0, path: 1, flags: 2 },
  openat2: { act: 'open', dir: 0, path: 1, flags: 2 },
  creat: { act: 'open', path: 0, flags: -1 },

  stat: { act: 'path', operation: 'stat', path: 0, mode: 1 },
  lstat: { act: 'path', operation: 'stat', path: 0, onLink: true, mode: 1 },
  newfstatat: { act: 'path', operation: 'stat', dir: 0, path: 1, mode: 2, flags: 3 },
  statx: { act: 'path', operation: 'stat', dir: 0, path: 1, flags: 2, mode: 4 },
  statfs: { act: 'path', operation: 'stat', path: 0 },
  readlink: { act: 'path', operation: 'stat', path: 0, onLink: true, type: 'link' },
  readlinkat: { act: 'path', operation: 'stat', dir: 0, path: 1, onLink: true, type: 'link' },
  getxattr: { act: 'path', operation: 'stat', path: 0 },
  access: { act: 'path', operation: 'probe', path: 0 },
  faccessat: { act: 'path', operation: 'probe', dir: 0, path: 1 },
  faccessat2: { act: 'path', operation: 'probe', dir: 0, path: 1, flags: 3 },
  inotify_add_watch: { act: 'path', operation: 'stat', path: 1 },

  mkdir: { act: 'path', operation: 'create', path: 0, onLink: true, type: 'folder' },
  mkdirat: { act: 'path', operation: 'create', dir: 0, path: 1, onLink: true, type: 'folder' },
  mknod: { act: 'path', operation: 'create', path: 0, onLink: true },
  mknodat: { act: 'path', operation: 'create', dir: 0, path: 1, onLink: true },
  rmdir: { act: 'path', operation: 'delete', path: 0, onLink: true, type: 'folder' },
  unlink: { act: 'path', operation: 'delete', path: 0, onLink: true },
  unlinkat: { act: 'path', operation: 'delete', dir: 0, path: 1, onLink: true },
  symlink: { act: 'path', operation: 'symlink', path: 1, onLink: true, type: 'link' },
  symlinkat: { act: 'path', operation: 'symlink', dir: 1, path: 2, onLink: true, type: 'link' },

  rename: { act: 'pair', operation: 'rename', from: 0, to: 1 },
  renameat: { act: 'pair', operation: 'rename', fromDir: 0, from: 1, toDir: 2, to: 3 },
  renameat2: { act: 'pair', operation: 'rename', fromDir: 0, from: 1, toDir: 2, to: 3 },
  link: { act: 'pair', operation: 'link', from: 0, to: 1 },
  linkat: { act: 'pair', operation: 'link', fromDir: 0, from: 1, toDir: 2, to: 3 },

  chmod: { act: 'path', operation: 'metadata', path: 0 },
  fchmodat: { act: 'path', operation: 'metadata', dir: 0, path: 1 },
  fchmodat2: { act: 'path', operation: 'metadata', dir: 0, path: 1, flags: 3 },
  fchmod: { act: 'descriptor', operation: 'metadata', descriptor: 0 },
  chown: { act: 'path', operation: 'metadata', path: 0 },
  lchown: { act: 'path', operation: 'metadata', path: 0, onLink: true },
  fchownat: { act: 'path', operation: 'metadata', dir: 0, path: 1, flags: 4 },
  fchown: { act: 'descriptor', operation: 'metadata', descriptor: 0 },
  utime: { act: 'path', operation: 'metadata', path: 0 },
  utimes: { act: 'path', operation: 'metadata', path: 0 },
  futimesat: { act: 'path', operation: 'metadata', dir: 0, path: 1 },
  utimensat: { act: 'path', operation: 'metadata', dir: 0, path: 1, flags: 3 },
  setxattr: { act: 'path', operation: 'metadata', path: 0 },
  lsetxattr: { act: 'path', operation: 'metadata', path: 0, onLink: true },
  fsetxattr: { act: 'descriptor', operation: 'metadata', descriptor: 0 },
  removexattr: { act: 'path', operation: 'metadata', path: 0 },
  lremovexattr: { act: 'path', operation: 'metadata', path: 0, onLink: true },
  fremovexattr: { act: 'descriptor', operation: 'metadata', descriptor: 0 },
  truncate: { act: 'path', operation: 'write', path: 0 },

  chdir: { act: 'cwd', path: 0 },
  fchdir: { act: 'cwd', descriptor: 0 },
  execve: { act: 'exec', path: 0, argv: 1, environment: 2 },
  execveat: { act: 'exec', dir: 0, path: 1, argv: 2, environment: 3 },
  clone: { act: 'fork' },
  clone3: { act: 'fork' },
  fork: { act: 'fork' },
  vfork: { act: 'fork' },

  socket: { act: 'socket' },
  connect: { act: 'address', operation: 'connect', address: 1 },
  bind: { act: 'address', operation: 'listen', address: 1 },
  getsockname: { act: 'own-address', address: 1 },
  sendto: { act: 'address', operation: 'send', address: 4, data: 1 },
  sendmsg: { act: 'message', operation: 'send', message: 1 },
  sendmmsg: { act: 'message', operation: 'send', message: 1 },
  recvfrom: { act: 'receive', data: 1, address: 4 },
  recvmsg: { act: 'message', operation: 'receive', message: 1 },
  recvmmsg: { act: 'message', operation: 'receive', message: 1 },

  ptrace: { act: 'ptrace' },
  io_uring_setup: { act: 'io-uring' },
};

/** Calls that the system knows by these names only on some machines: strace is told to pass over the unknown. */
export const TRACED: readonly string[] = Object.keys(SYSCALLS);
