/** Namespaces: who the workload is, what it may do, and that it ends with the program that started it. */
import { readFileSync } from 'node:fs';

/** A user id that is not root's, for a workload whose caller is root: only root keeps capabilities across an exec. */
const ORDINARY_ID = 1000;

/**
 * Runs what follows as root of a user namespace of its own, with mounts and processes of its own. It and all that it
 * starts is killed when the caller ends, however that comes about: the caller's end kills `unshare`, that kills the
 * first process of the process namespace, and with it the kernel kills the rest.
 */
export function ownNamespaces(): string[] {
  return [...ownMounts(), ...OWN_PROCESSES];
}

/**
 * The same with mounts alone. Real root needs no user namespace for them, and goes without: an overlay that is mounted
 * in one cannot copy the files of owners whom the namespace does not know.
 */
export function ownMounts(): string[] {
  return [...endsWithCaller(), 'unshare', ...(mayMount() ? [] : ['--user', '--map-root-user']), '--mount'];
}

/** Whether the caller may mount: real root, and not one that a container has taken this from. */
export function mayMount(status: string = ownStatus()): boolean {
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return NEEDED_TO_MOUNT.every((bit) => (effective >> bit) & 1n);
}

/** Runs what follows as the caller again, or, where that is root, as an ordinary user: without any capability. */
export function withoutPrivileges(): string[] {
  return ['unshare', '--user', `--map-user=${ordinary(process.getuid)}`, `--map-group=${ordinary(process.getgid)}`];
}

/** Runs what follows with no descriptor open but 0, 1 and 2. Exits with 124 where it cannot. */
export function withoutDescriptors(): string[] {
  return ['sh', '-c', CLOSE_DESCRIPTORS, 'sh', CLOSE_DESCRIPTORS_BASH];
}

/** CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_SYS_PTRACE, CAP_SYS_ADMIN, CAP_MKNOD. */
const NEEDED_TO_MOUNT: readonly bigint[] = [0n, 1n, 3n, 19n, 21n, 27n];

function ownStatus(): string {
  return readFileSync('/proc/self/status', 'utf8');
}

const OWN_PROCESSES = ['--pid', '--fork', '--kill-child', '--mount-proc'];

function endsWithCaller(): string[] {
  return ['setpriv', '--pdeathsig', 'KILL'];
}

function ordinary(id: (() => number) | undefined): number {
  return id?.() || ORDINARY_ID;
}

/** A POSIX shell can only name descriptors of one digit; for the rare rest bash takes over. */
const CLOSE_DESCRIPTORS = `
bash_part=$1; shift; large=
for entry in /proc/self/fd/*; do
  case \${entry##*/} in
    [012]) ;;
    [3-9]) eval "exec \${entry##*/}>&-" ;;
    *) large=1 ;;
  esac
done
[ -z "$large" ] && exec "$@"
exec bash -c "$bash_part" bash "$@" || exit 124`;

const CLOSE_DESCRIPTORS_BASH = `
for entry in /proc/self/fd/*; do
  number=\${entry##*/}
  [ "$number" -gt 2 ] && eval "exec $number>&-"
done
exec "$@"`;
