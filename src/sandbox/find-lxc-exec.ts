/** Where MXC's own program is, without loading the package's JavaScript: that would load native parts nobody needs here. */
import { accessSync, constants } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { LeastwiseError } from '../domain/errors.ts';

/** `MXC_BIN_DIR` wins, as in MXC itself: the folder of the program, or one with a folder for each architecture. */
export function findLxcExec(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['MXC_BIN_DIR'];
  const tried = named ? [join(resolve(named), 'lxc-exec'), join(resolve(named), process.arch, 'lxc-exec')] : packaged();
  const found = tried.find(isExecutable);
  if (found) return found;
  throw new LeastwiseError(
    'missing-tool',
    `cannot find lxc-exec${tried.length > 0 ? ` at ${tried.join(' or ')}` : ' of @microsoft/mxc-sdk'}`,
    named ? 'set MXC_BIN_DIR to the folder that holds it' : 'run "npm install @microsoft/mxc-sdk", or set MXC_BIN_DIR',
  );
}

function packaged(): string[] {
  const manifest = findPackageJSON('@microsoft/mxc-sdk', import.meta.url);
  return manifest ? [join(dirname(manifest), 'bin', process.arch, 'lxc-exec')] : [];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
