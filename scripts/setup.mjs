/**
 * Makes this checkout ready, once, and says what it installs: `node scripts/setup.mjs [--for-tests]`.
 * Plain JavaScript for whatever Node starts npm; the commands after it run with the Node that it installs.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildNeeded } from './build.mjs';
import { SetupError } from './setup-error.mjs';
import { installSystemPackages } from './system-packages.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.leastwise-setup');
const NODE = join(MODULES, '.bin', 'node');
/** A Node that stays when node_modules is emptied: npm scripts may run with the one in it. */
const OUTER_NODE = outerNode();
const NODE_NEEDED = 24;

try {
  checkPlatform();
  installSystemPackages({ forTests: process.argv.includes('--for-tests'), say });
  installNpmPackages();
  build();
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.stderr.write(`set-up: ${error.message}\n`);
  process.exitCode = 2;
}

function checkPlatform() {
  if (process.platform !== 'linux') {
    throw new SetupError(`Leastwise works on Linux so far, this is ${process.platform}`);
  }
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    throw new SetupError(`Leastwise works on x64 and arm64, this is ${process.arch}: MXC has no program for it`);
  }
}

function installNpmPackages() {
  // A linked node_modules belongs to another checkout: npm ci would empty it under its owner's feet.
  if (lstatSync(MODULES, { throwIfNoEntry: false })?.isSymbolicLink()) return;
  const wanted = lockDigest();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say('installing the locked npm packages into node_modules (npm ci, about 550 MB)');
  // Two of MXC's dependencies would compile on installation, and are not used; only Node's own script is wanted.
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  say(`installing Node ${NODE_NEEDED} into node_modules`);
  const status = npm(['rebuild', 'node', '--loglevel=error'], { mayFail: true });
  settleNode(status);
  writeFileSync(STAMP, wanted);
}

/** The Node that was installed, or the system's where that one is new enough and the other does not run. */
function settleNode(status) {
  if (status === 0 && spawnSync(NODE, ['-e', '0']).status === 0) return;
  const version = spawnSync(OUTER_NODE, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout?.trim() ?? '';
  if (!(Number(version.split('.')[0]) >= NODE_NEEDED)) {
    throw new SetupError(
      `could not install Node ${NODE_NEEDED}, and this is ${version}: install Node ${NODE_NEEDED} or later, and try again`,
    );
  }
  rmSync(NODE, { force: true });
}

function npm(args, { mayFail = false } = {}) {
  const byPath = process.env.npm_execpath;
  const [program, ...first] = byPath ? [OUTER_NODE, byPath] : ['npm'];
  const { status, error } = spawnSync(program, [...first, ...args], {
    cwd: ROOT,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    env: { ...process.env, PATH: outerPath().join(delimiter), npm_config_engine_strict: 'false' },
  });
  if (status !== 0 && !mayFail) {
    throw new SetupError(`npm ${args[0]} failed (${error ? error.message : `exit code ${status}`}): see above`);
  }
  return status;
}

function outerNode() {
  const candidates = [process.env.npm_node_execpath, process.execPath, ...outerPath().map((dir) => join(dir, 'node'))];
  return candidates.find((path) => path && !isOurs(path) && existsSync(path)) ?? process.execPath;
}

function outerPath() {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => !isOurs(folder));
}

function isOurs(path) {
  return path.startsWith(MODULES);
}

function lockDigest() {
  return createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .update(readFileSync(join(ROOT, 'package.json')))
    .digest('hex');
}

function build() {
  if (!buildNeeded(ROOT)) return;
  say('building into dist');
  const { status } = spawnSync(existsSync(NODE) ? NODE : OUTER_NODE, [join(ROOT, 'scripts', 'build.mjs')], {
    cwd: ROOT,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    env: { ...process.env, PATH: [join(MODULES, '.bin'), process.env.PATH].join(delimiter) },
  });
  if (status !== 0) throw new SetupError('the build failed: see above');
}

function say(line) {
  process.stderr.write(`set-up: ${line}\n`);
}
