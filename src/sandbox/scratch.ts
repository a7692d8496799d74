/** A private folder for what a sandboxed run needs: layers, the request, logs. Never inside a folder that the run changes. */
import { chmodSync, lstatSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { LeastwiseError } from '../domain/errors.ts';
import { isWithin } from '../domain/path.ts';

const PREFIX = 'leastwise-run-';
/** Mount options are separated by commas, colons and backslashes, so the folder's path must be free of them. */
const PLAIN = /^[A-Za-z0-9/._+@%=-]+$/;

/** Another process namespace can share the folder: a process id that is not there is no proof. */
const ONE_DAY = 86_400_000;

/** Makes a folder that only the caller can read (mode 0700). @param outside folders that it must not lie in */
export function makeScratch(outside: readonly string[]): string {
  const refusals: string[] = [];
  for (const place of candidates()) {
    try {
      const base = realpathSync(place);
      if (!PLAIN.test(base) || outside.some((folder) => isWithin(base, folder))) continue;
      removeStale(base);
      return mkdtempSync(join(base, `${PREFIX}${process.pid}-`));
    } catch (error) {
      refusals.push(`${place}: ${(error as Error).message}`);
    }
  }
  throw new LeastwiseError(
    'sandbox',
    `cannot make a private folder for the run${refusals.length > 0 ? ` (${refusals.join('; ')})` : ''}`,
    'set TMPDIR to a folder that you can write to, outside the workspace, with a plain name',
  );
}

/** Removes the folder whatever modes its content has: an overlay leaves a work folder of mode 000 behind. */
export function removeScratch(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    openUp(Buffer.from(folder));
    rmSync(folder, { recursive: true, force: true });
  }
}

function candidates(): Set<string> {
  return new Set([tmpdir(), '/var/tmp', '/tmp', '/dev/shm', homedir()]);
}

function openUp(folder: Buffer): void {
  chmodSync(folder, 0o700);
  for (const name of readdirSync(folder, { encoding: 'buffer' })) {
    const path = Buffer.concat([folder, Buffer.from('/'), name]);
    if (lstatSync(path).isDirectory()) openUp(path);
  }
}

/** Removes what runs left that were killed a day ago or more: theirs is the process id in the name. */
function removeStale(base: string): void {
  for (const name of readdirSync(base)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isRunning(pid) || !isOld(join(base, name))) continue;
    removeScratch(join(base, name));
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isOld(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false });
  if (!found?.isDirectory() || found.uid !== process.getuid?.()) return false;
  return Date.now() - found.mtimeMs > ONE_DAY;
}
