/** Looks a program up in PATH, as a shell would, so that a missing one is told before anything is started. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { EXIT, LeastwiseError } from './domain/errors.ts';
import { displayText } from './domain/path.ts';

/** @returns its path; @throws LeastwiseError `missing-command` where there is none, or it may not be run */
export function findProgram(
  name: string,
  environment: Readonly<Record<string, string | undefined>>,
  cwd: string,
): string {
  const places = name.includes('/')
    ? [resolve(cwd, name)]
    : (environment['PATH'] ?? '').split(delimiter).map((folder) => join(folder || '.', name));
  const there = places.filter(isFile);
  const found = there.find(mayRun);
  if (found !== undefined) return found;
  const shown = displayText(name);
  if (there.length > 0)
    throw new LeastwiseError(
      'missing-command',
      `cannot run ${shown}: it may not be executed`,
      `chmod +x ${displayText(there[0]!)}`,
    );
  const where = name.includes('/') ? 'there is no such program' : 'it is not in PATH';
  throw new LeastwiseError(
    'missing-command',
    `cannot run ${shown}: ${where}`,
    `Exit code ${EXIT.failed}: nothing was started.`,
  );
}

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
