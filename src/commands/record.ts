/** `leastwise record`: runs a command, allows everything, and records what it does. */
import { homedir, tmpdir } from 'node:os';
import { basename } from 'node:path';
import type { Console } from '../console.ts';
import { LeastwiseError } from '../domain/errors.ts';
import type { Exit } from '../domain/recording.ts';
import { findProgram } from '../find-program.ts';
import { pickTracer } from '../platform.ts';
import { describeRecorded, type ChangesShown } from '../recording/describe.ts';
import { recordRun, type RecordRequest } from '../recording/record-run.ts';
import { openStore } from '../store/open.ts';
import { storeFolder } from '../store/folder.ts';
import type { Overlay } from '../sandbox/overlay.ts';
import { realFolder, workspaceOf } from '../workspace.ts';

export interface RecordFlags {
  readonly name?: string;
  readonly workspace?: string;
  readonly store?: string;
  readonly disposable?: boolean;
  readonly keep?: boolean;
  readonly json?: boolean;
}

/** @returns how the workload ended: the program ends the same way */
export async function runRecord(command: readonly string[], flags: RecordFlags, console: Console): Promise<Exit> {
  if (flags.keep && !flags.disposable)
    throw new LeastwiseError(
      'usage',
      '--keep goes with --disposable',
      'Leave it out: without --disposable, all changes are kept.',
    );
  const workspace = workspaceOf(flags.workspace);
  const environment = ownEnvironment();
  findProgram(command[0]!, environment, process.cwd());
  const store = openStore(storeFolder(flags, workspace), 'create');
  const overlay = flags.disposable ? await overlayFor(workspace) : undefined;
  try {
    const request: RecordRequest = {
      name: flags.name ?? basename(command[0]!),
      command,
      cwd: realFolder(process.cwd()),
      workspace,
      home: realFolder(environment['HOME'] ?? homedir()),
      tmp: realFolder(tmpdir()),
      environment,
      disposable: overlay !== undefined,
      wrapper: overlay?.wrapper ?? [],
      ...(overlay === undefined ? {} : { scratch: overlay.scratch }),
      note: (text) => console.note(text),
    };
    const { info, exit } = await recordRun(request, await pickTracer(), store).catch((error: unknown) => {
      throw overlay?.failure() ?? error;
    });
    const changes = overlay === undefined ? undefined : await settle(overlay, flags.keep === true);
    describeRecorded(info, store.read(info.id), changes, console);
    if (flags.json) console.out(JSON.stringify({ recording: info, changes: changes?.list ?? null }, null, 2));
    return exit;
  } finally {
    overlay?.dispose();
    store.close();
  }
}

async function overlayFor(workspace: string): Promise<Overlay> {
  const { prepareOverlay } = await import('../sandbox/overlay.ts');
  return prepareOverlay({ folders: [workspace], inside: 'caller', cwd: realFolder(process.cwd()) });
}

async function settle(overlay: Overlay, keep: boolean): Promise<ChangesShown> {
  const list = await overlay.changes();
  if (keep) await overlay.keep();
  return { list, kept: keep };
}

function ownEnvironment(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
