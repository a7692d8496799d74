/** Runs a request of MXC's with its own lxc-exec, in namespaces that end with the caller, over overlays. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isExpressible } from '../../synthesizer/expressible.ts';
import type { MxcRequest } from '../../synthesizer/targets/mxc.ts';
import { LeastwiseError } from '../domain/errors.ts';
import { ancestorsOf, displayText, isWithin } from '../domain/path.ts';
import { makeFolder } from '../make-folder.ts';
import { realFolder } from '../workspace.ts';
import { markerOf, shellLine } from './command-line.ts';
import { findLxcExec } from './find-lxc-exec.ts';
import { readMxcLog } from './mxc-log.ts';
import { prepareOverlay, type Overlay } from './overlay.ts';
import { withoutDescriptors, withoutPrivileges } from './privileges.ts';
import type { PreparedSandbox, Sandbox, SandboxRun } from './sandbox.ts';

export const mxcSandbox: Sandbox = { name: 'mxc', prepare };

async function prepare(run: SandboxRun): Promise<PreparedSandbox> {
  const program = findLxcExec();
  refuseMissingSources(run);
  const unblock = await canUnblock();
  const made = makeFolders(run.create);
  const putBack = run.overlay ? () => removeFolders(made) : () => undefined;
  let overlay: Overlay | undefined;
  try {
    const targets = run.overlay ? writable(run.request) : { folders: [], files: [] };
    overlay = prepareOverlay({ ...targets, inside: 'namespace-root' });
    return describe(run, overlay, program, unblock, putBack);
  } catch (error) {
    overlay?.dispose();
    putBack();
    throw error;
  }
}

function describe(
  run: SandboxRun,
  overlay: Overlay,
  program: string,
  unblock: boolean,
  putBack: () => void,
): PreparedSandbox {
  const nonce = randomBytes(6).toString('hex');
  const process = { ...run.request.process, commandLine: shellLine({ command: run.command, nonce, unblock }) };
  const file = join(overlay.scratch, 'request.json');
  writeFileSync(file, JSON.stringify({ ...run.request, process }), { mode: 0o600 });
  const log = join(overlay.scratch, 'mxc.log');
  return {
    wrapper: overlay.wrapper,
    command: [...withoutDescriptors(), ...withoutPrivileges(), program, '--log-file', log, file],
    environment: surroundings(),
    marker: markerOf(nonce),
    overlay,
    log: () => readMxcLog(existsSync(log) ? readFileSync(log, 'utf8') : ''),
    dispose: () => {
      overlay.dispose();
      putBack();
    },
  };
}

/**
 * The first process of bubblewrap is visible inside, and shows the environment that it was started with: so this is
 * next to nothing. The system's folders come last in PATH for iptables and slirp4netns.
 */
function surroundings(): Record<string, string> {
  const path = [process.env['PATH'], '/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  return { PATH: path.filter(Boolean).join(':') };
}

/** MXC stops at the first source that is not there, with a line of bubblewrap's. */
function refuseMissingSources(run: SandboxRun): void {
  const { cwd } = run.request.process;
  if (!isExpressible(cwd))
    throw new LeastwiseError('sandbox', `cannot run in ${displayText(cwd)}: MXC takes no path with a double quote`, 'rename the folder'); // prettier-ignore
  const { readonlyPaths, readwritePaths } = run.request.filesystem;
  const missing = [...readonlyPaths, ...readwritePaths].find((path) => !existsSync(path) && !run.create.includes(path));
  if (missing === undefined) return;
  throw new LeastwiseError(
    'sandbox',
    `cannot grant ${displayText(missing)}: it does not exist on this machine`,
    'make it, or learn the policy again',
  );
}

function writable(request: MxcRequest): { folders: string[]; files: string[] } {
  const folders: string[] = [];
  const files: string[] = [];
  // One that is a link: what it leads to is changed.
  const paths = new Set(request.filesystem.readwritePaths.map(realFolder));
  for (const path of paths) {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats?.isDirectory()) folders.push(path);
    else if (stats?.isFile()) files.push(path);
  }
  const within = (file: string): boolean => folders.some((folder) => file.startsWith(`${folder}/`));
  return { folders, files: files.filter((file) => !within(file)) };
}

function canUnblock(): Promise<boolean> {
  return new Promise((resolve) => {
    execFile('/usr/bin/env', ['--default-signal=HUP,INT,TERM', '--', 'true'], (error) => resolve(error === null));
  });
}

/** @returns all folders that were not there before, outer ones first */
function makeFolders(folders: readonly string[]): string[] {
  const made: string[] = [];
  for (const folder of folders) {
    try {
      const first = makeFolder(folder);
      if (first !== undefined) made.push(...[folder, ...ancestorsOf(folder)].filter((at) => isWithin(at, first)));
    } catch (error) {
      removeFolders(made);
      throw new LeastwiseError('sandbox', `cannot make the folder ${displayText(folder)}, which the workload makes itself: ${displayText((error as Error).message)}`, 'make it by hand, or learn the policy again', error); // prettier-ignore
    }
  }
  return made.sort();
}

/** Only what is empty: nothing that anybody put there meanwhile is lost. */
function removeFolders(folders: readonly string[]): void {
  for (const folder of folders.toReversed()) {
    try {
      rmdirSync(folder);
    } catch {
      // It is in use, or gone.
    }
  }
}
