/** Builds into dist: `node scripts/build.mjs [--if-needed]`. */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = ['src', 'tracer', 'synthesizer', 'policies', 'samples', 'bench'];
const SETTINGS = ['tsconfig.json', 'tsconfig.build.json', 'package.json', 'package-lock.json', 'scripts/build.mjs'];
const STAMP = join('dist', '.stamp');

/** Whether anything that goes into dist is newer than it. */
export function buildNeeded(root) {
  const built = timeOf(join(root, STAMP));
  if (built === 0) return true;
  return [...SOURCES, ...SETTINGS].some((name) => newest(join(root, name), built) > built);
}

function build(root) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  // From before the build: what changes while it runs is then newer, and built next time.
  const started = new Date();
  const tools = join(root, 'node_modules', '.bin');
  const { status } = spawnSync(join(tools, 'tsc'), ['-p', 'tsconfig.build.json'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH: [tools, process.env.PATH].join(delimiter) },
  });
  if (status !== 0) return 1;
  copyData(root);
  chmodSync(join(root, 'dist', 'src', 'cli.js'), 0o755);
  writeFileSync(join(root, STAMP), '');
  utimesSync(join(root, STAMP), started, started);
  return 0;
}

/** What tsc leaves out: data that is read as files, not imported. */
function copyData(root) {
  const policies = join(root, 'policies');
  const names = existsSync(policies) ? readdirSync(policies, { recursive: true }) : [];
  const data = names.filter((name) => name.endsWith('.json'));
  for (const name of data) cpSync(join(policies, name), join(root, 'dist', 'policies', name));
  cpSync(join(root, 'samples', 'workspace'), join(root, 'dist', 'samples', 'workspace'), { recursive: true });
}

/** Folders count too: a deleted file changes nothing else. Stops at the first time after `limit`. */
function newest(path, limit) {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info) return 0;
  if (info.mtimeMs > limit || !info.isDirectory()) return info.mtimeMs;
  return Math.max(info.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name), limit)));
}

function timeOf(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('..', import.meta.url));
  if (!process.argv.includes('--if-needed') || buildNeeded(root)) process.exitCode = build(root);
}
