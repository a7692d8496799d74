/** Whether the workload's program is there at all. */
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { LeastwiseError } from '../domain/errors.ts';
import { displayText } from '../domain/path.ts';
import type { Launch } from '../../synthesizer/targets/mxc.ts';

/** @throws LeastwiseError `missing-command` */
export function refuseMissingCommand(launch: Pick<Launch, 'command' | 'cwd' | 'environment'>): void {
  const program = launch.command[0] ?? '';
  const folders = (launch.environment['PATH'] ?? '/usr/local/bin:/usr/bin:/bin').split(delimiter);
  const places = program.includes('/')
    ? [resolve(launch.cwd, program)]
    : folders.map((folder) => join(folder, program));
  if (program !== '' && places.some(isProgram)) return;
  throw new LeastwiseError(
    'missing-command',
    `cannot find the program ${displayText(program)}${program.includes('/') ? '' : ' in PATH'}`,
    'check its name, or that PATH is the same as when it was recorded',
  );
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
