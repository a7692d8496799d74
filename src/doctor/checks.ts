/** What this machine can do for a recording and a replay: each check really tries. */
import { execFile } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findLxcExec } from '../sandbox/find-lxc-exec.ts';
import { prepareOverlay } from '../sandbox/overlay.ts';
import { ownNamespaces } from '../sandbox/privileges.ts';
import { makeScratch, removeScratch } from '../sandbox/scratch.ts';

export type CheckStatus = 'ok' | 'warn' | 'missing';

export interface CheckResult {
  readonly name: string;
  readonly status: CheckStatus;
  /** What was found, one line. */
  readonly detail: string;
  /** What to do; undefined where there is nothing to do. */
  readonly remedy?: string;
}

type Check = () => Promise<CheckResult>;

/** All checks, in the order in which they are shown. Those that warn keep nothing from working. */
export const CHECKS: readonly Check[] = [
  checkNode,
  () => checkVersion('strace', ['-V'], 'strace'),
  checkPtrace,
  () => checkVersion('bwrap', ['--version'], 'bubblewrap'),
  checkLxcExec,
  () => checkVersion('unshare', ['--version'], 'util-linux'),
  () => checkVersion('setpriv', ['--version'], 'util-linux'),
  () => checkVersion('mount', ['--version'], 'util-linux or mount'),
  checkNamespaces,
  checkOverlay,
  checkFreshProc,
  checkTun,
  async () => asWarning(await checkVersion('slirp4netns', ['--version'], 'slirp4netns'), NETWORK_ONLY),
  async () => asWarning(await checkVersion('iptables', ['--version'], 'iptables'), NETWORK_ONLY),
];

const NETWORK_ONLY = 'only policies with network rules need it';

async function checkNode(): Promise<CheckResult> {
  const { node } = process.versions;
  const good = Number(node.split('.')[0]) >= 24;
  return good ? ok('node', node) : missing('node', node, 'install Node 24 or later');
}

async function checkVersion(program: string, args: readonly string[], packaged: string): Promise<CheckResult> {
  const { code, output } = await run([program, ...args]);
  if (code === 0) return ok(program, output.split('\n')[0]!.trim());
  return missing(
    program,
    code === 'ENOENT' ? 'not found in PATH' : lastLine(output),
    `install the package ${packaged}`,
  );
}

async function checkPtrace(): Promise<CheckResult> {
  const { code, output } = await run(['strace', '-f', '--seccomp-bpf', '-o', '/dev/null', 'true']);
  if (code === 0) return ok('tracing', 'a process may be traced');
  if (code === 'ENOENT') return missing('tracing', 'strace is missing', 'install the package strace');
  return missing(
    'tracing',
    lastLine(output),
    'allow ptrace: in a container, --cap-add SYS_PTRACE; see /proc/sys/kernel/yama/ptrace_scope',
  );
}

/** The versions of the request's form that this lxc-exec takes, found by asking it for each. */
async function checkLxcExec(): Promise<CheckResult> {
  let program: string;
  try {
    program = findLxcExec();
  } catch (error) {
    return missing('lxc-exec', (error as Error).message, 'run "npm install @microsoft/mxc-sdk", or set MXC_BIN_DIR');
  }
  const folder = makeScratch([]);
  try {
    const answers = await Promise.all(KNOWN_CONTRACTS.map((version) => takesContract(program, folder, version)));
    const taken = KNOWN_CONTRACTS.filter((_, index) => answers[index]);
    const detail = `${program}, takes requests of ${taken.join(', ') || 'no version that is known'}`;
    if (taken.includes('1.0.0')) return ok('lxc-exec', detail);
    return missing('lxc-exec', detail, 'install @microsoft/mxc-sdk 1.0.1: this program writes requests of 1.0.0');
  } finally {
    removeScratch(folder);
  }
}

const KNOWN_CONTRACTS = ['0.9.0-alpha', '1.0.0', '1.1.0-alpha'] as const;

async function takesContract(program: string, folder: string, version: string): Promise<boolean> {
  const file = join(folder, `${version}.json`);
  const request = { version, containment: 'bubblewrap', process: { commandLine: 'true', env: ['PATH=/usr/bin:/bin'] } };
  writeFileSync(file, JSON.stringify(request));
  return (await run([program, '--dry-run', file])).code === 0;
}

async function checkNamespaces(): Promise<CheckResult> {
  const { code, output } = await run(['unshare', '--user', '--map-root-user', '--mount', '--pid', '--fork', 'true']);
  if (code === 0) return ok('user namespaces', 'may be made');
  return missing('user namespaces', lastLine(output), 'allow them: sysctl kernel.apparmor_restrict_unprivileged_userns=0, user.max_user_namespaces above 0, or an AppArmor profile; in a container, --privileged or --security-opt seccomp=unconfined'); // prettier-ignore
}

async function checkOverlay(): Promise<CheckResult> {
  const folder = mkdtempSync(join(tmpdir(), 'leastwise-doctor-'));
  try {
    const overlay = prepareOverlay({ folders: [folder], inside: 'namespace-root', cwd: folder });
    try {
      const { code, output } = await run([...overlay.wrapper, 'sh', '-c', 'echo x > x']);
      const failure = overlay.failure();
      if (code === 0 && (await overlay.changes()).length === 1)
        return ok('overlay', `works, with layers in ${overlay.scratch}`);
      return missing('overlay', failure?.message ?? lastLine(output), failure?.remedy ?? 'replay with --in-place');
    } finally {
      overlay.dispose();
    }
  } catch (error) {
    return missing(
      'overlay',
      (error as Error).message,
      'set TMPDIR to a folder on ext4, xfs, btrfs or tmpfs, or replay with --in-place',
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function checkFreshProc(): Promise<CheckResult> {
  const { code, output } = await run([...ownNamespaces(), 'true']);
  if (code === 0) return ok('fresh /proc', 'may be mounted in a process namespace');
  return missing(
    'fresh /proc',
    lastLine(output),
    'in a container: --security-opt systempaths=unconfined, or --privileged',
  );
}

async function checkTun(): Promise<CheckResult> {
  try {
    closeSync(openSync('/dev/net/tun', 'r+'));
    return ok('/dev/net/tun', 'may be opened');
  } catch (error) {
    const remedy = 'modprobe tun, and let this user open it; in a container, --device /dev/net/tun';
    const code = (error as NodeJS.ErrnoException).code ?? '';
    return asWarning(missing('/dev/net/tun', `cannot be opened: ${code}`, remedy), NETWORK_ONLY);
  }
}

function ok(name: string, detail: string): CheckResult {
  return { name, status: 'ok', detail };
}

function missing(name: string, detail: string, remedy: string): CheckResult {
  return { name, status: 'missing', detail, remedy };
}

function asWarning(result: CheckResult, why: string): CheckResult {
  if (result.status !== 'missing') return result;
  return { ...result, status: 'warn', detail: `${result.detail} (${why})` };
}

interface Outcome {
  /** The exit code, or why it did not start. */
  readonly code: number | string;
  readonly output: string;
}

function run(argv: readonly string[]): Promise<Outcome> {
  const environment = { ...process.env, LC_ALL: 'C', PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` };
  return new Promise((resolve) => {
    execFile(argv[0]!, argv.slice(1), { timeout: 20_000, env: environment }, (error, out, err) =>
      resolve({ code: error ? (error.code ?? 'killed') : 0, output: `${out}${err}` }),
    );
  });
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) || 'it failed without a word';
}
