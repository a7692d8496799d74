/** What a compilation needs to know of this machine, from the real file system. */
import { accessSync, constants, readdirSync, realpathSync, statSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import type { HostFacts } from '../../synthesizer/targets/mxc.ts';
import type { FileType } from '../domain/access.ts';
import { bytesOfText, textOfBytes } from '../domain/path.ts';
import { typeOfStats } from '../file-type.ts';
import { statOf } from './overlay-changes.ts';

/** @param workspace absolute real path */
export function hostFacts(workspace: string, environment: NodeJS.ProcessEnv = process.env): HostFacts {
  return {
    variables: {
      workspace,
      home: realPath(environment['HOME'] || homedir()) ?? homedir(),
      tmp: realPath(tmpdir()) ?? '/tmp',
    },
    typeOf: (path) => {
      const stats = statOf(path);
      return stats && typeOfStats(stats);
    },
    realPath,
    list,
    readable: (path) => may(path, constants.R_OK),
    writable: (path) => may(path, constants.W_OK),
  };
}

function realPath(path: string): string | undefined {
  try {
    return textOfBytes(realpathSync(Buffer.from(bytesOfText(path)), { encoding: 'buffer' }));
  } catch {
    return undefined;
  }
}

/** Folders without the right to list them, and those that are none, have no entries. */
function list(path: string): { name: string; type: FileType }[] {
  try {
    const entries = readdirSync(Buffer.from(bytesOfText(path)), { withFileTypes: true, encoding: 'buffer' });
    return entries.map((entry) => ({ name: textOfBytes(entry.name), type: typeOfStats(entry) }));
  } catch {
    return [];
  }
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(Buffer.from(bytesOfText(path)), mode);
    return true;
  } catch {
    return false;
  }
}

/** What the judge asks of the machine: links followed. */
export const judgedHost = {
  exists: (path: string): boolean => {
    try {
      statSync(Buffer.from(bytesOfText(path)));
      return true;
    } catch {
      // Gone, or not for the caller to look at: then it is not the policy that keeps it from the workload.
      return false;
    }
  },
  realPath,
};
