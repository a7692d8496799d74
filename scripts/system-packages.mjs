/** The system packages that are missing, looked up by their programs, installed by the system's own package manager. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from './setup-error.mjs';

/** Which programs are needed, and which package has each: a name, or several. */
const PROGRAMS = [
  { program: 'strace', for: 'use', apt: 'strace', dnf: 'strace', apk: 'strace', pacman: 'strace' },
  { program: 'bwrap', for: 'use', apt: 'bubblewrap', dnf: 'bubblewrap', apk: 'bubblewrap', pacman: 'bubblewrap' },
  {
    program: 'slirp4netns',
    for: 'use',
    apt: 'slirp4netns',
    dnf: 'slirp4netns',
    apk: 'slirp4netns',
    pacman: 'slirp4netns',
  },
  { program: 'iptables', for: 'use', apt: 'iptables', dnf: 'iptables-nft', apk: 'iptables', pacman: 'iptables' },
  {
    program: 'unshare',
    for: 'use',
    apt: 'util-linux',
    dnf: 'util-linux',
    apk: 'util-linux-misc',
    pacman: 'util-linux',
  },
  { program: 'setpriv', for: 'use', apt: 'util-linux', dnf: 'util-linux', apk: 'setpriv', pacman: 'util-linux' },
  { program: 'newuidmap', for: 'extra', apt: 'uidmap', dnf: 'shadow-utils', apk: 'shadow-uidmap', pacman: 'shadow' },
  { program: 'tmux', for: 'tests', apt: 'tmux', dnf: 'tmux', apk: 'tmux', pacman: 'tmux' },
  { program: 'python3', for: 'tests', apt: 'python3', dnf: 'python3', apk: 'python3', pacman: 'python' },
  { program: 'gcc', for: 'tests', apt: 'gcc libc6-dev', dnf: 'gcc glibc-devel', apk: 'gcc musl-dev', pacman: 'gcc' },
];

/** `refresh` is tried only after `install` failed: fresh images have no package lists. */
const MANAGERS = [
  {
    name: 'apt',
    program: 'apt-get',
    install: ['env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-y', '--no-install-recommends'],
    refresh: ['apt-get', 'update'],
  },
  { name: 'dnf', program: 'dnf', install: ['dnf', 'install', '-y'], refresh: ['dnf', 'makecache'] },
  { name: 'apk', program: 'apk', install: ['apk', 'add'], refresh: ['apk', 'update'] },
  {
    name: 'pacman',
    program: 'pacman',
    install: ['pacman', '-S', '--noconfirm', '--needed'],
    refresh: ['pacman', '-Sy', '--noconfirm'],
  },
];

/** The folders of an administrator are looked into as well: an ordinary user's PATH often leaves them out. */
const USUAL_PATH = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;

/** Installs what is missing, or throws a SetupError that holds the command to run by hand. */
export function installSystemPackages({ forTests, say, path = USUAL_PATH, uid = process.getuid() }) {
  const missing = missingPrograms(forTests, path);
  if (!missing.some(({ for: purpose }) => purpose !== 'extra')) return;
  const manager = MANAGERS.find(({ program }) => isThere(program, path));
  if (!manager) {
    throw new SetupError(`missing: ${names(missing)}. Install them with this system's package manager, and try again`);
  }
  const packages = [...new Set(missing.flatMap((entry) => entry[manager.name].split(' ')))];
  run(manager, packages, { say, path, uid, missing });
  const still = missingPrograms(forTests, path).filter(({ for: purpose }) => purpose !== 'extra');
  if (still.length > 0) throw new SetupError(`still missing after the installation: ${names(still)}`);
}

function run(manager, packages, { say, path, uid, missing }) {
  const install = [...manager.install, ...packages];
  const prefix = rightsPrefix(path, uid, `missing: ${names(missing)}. ${byHand(manager, install)}`);
  say(`missing: ${names(missing)}; running: ${[...prefix, ...install].join(' ')}`);
  if (spawn([...prefix, ...install]) === 0) return;
  say(`once more, after: ${[...prefix, ...manager.refresh].join(' ')}`);
  spawn([...prefix, ...manager.refresh]);
  if (spawn([...prefix, ...install]) !== 0) {
    throw new SetupError(`could not install ${packages.join(' ')}: see above. ${byHand(manager, install)}`);
  }
}

/** Nothing for root, else sudo: without a question, or with one where there is someone to answer it. */
function rightsPrefix(path, uid, otherwise) {
  if (uid === 0) return [];
  if (!isThere('sudo', path)) throw new SetupError(`${otherwise} (this is not root, and there is no sudo)`);
  if (spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0) return ['sudo', '-n'];
  if (process.stdin.isTTY) return ['sudo'];
  throw new SetupError(`${otherwise} (sudo wants a password, and there is no terminal to ask for it)`);
}

function byHand(manager, install) {
  return `Run as root: ${manager.refresh.join(' ')} && ${install.join(' ')}`;
}

function missingPrograms(forTests, path) {
  return PROGRAMS.filter((entry) => (forTests || entry.for !== 'tests') && !isThere(entry.program, path));
}

function isThere(program, path) {
  return path.split(':').some((folder) => {
    try {
      accessSync(join(folder || '.', program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function names(entries) {
  return entries.map(({ program }) => program).join(', ');
}

function spawn([program, ...args]) {
  return spawnSync(program, args, { stdio: ['inherit', process.stderr.fd, process.stderr.fd] }).status;
}
