/** `leastwise runs`: lists the recordings. */
import type { Console } from '../console.ts';
import { EXIT } from '../domain/errors.ts';
import { displayText } from '../domain/path.ts';
import type { RecordingInfo } from '../domain/recording.ts';
import { openStore } from '../store/open.ts';
import { storeFolder } from '../store/folder.ts';
import { workspaceOf } from '../workspace.ts';

export interface RunsFlags {
  readonly name?: string;
  readonly workspace?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export async function runRuns(flags: RunsFlags, console: Console): Promise<number> {
  const store = openStore(storeFolder(flags, workspaceOf(flags.workspace)), 'read');
  try {
    const infos = store.list(flags.name);
    if (flags.json) console.out(JSON.stringify(infos, null, 2));
    else for (const info of infos) console.out(lineOf(info));
    if (infos.length === 0) console.note('leastwise: there are no recordings');
    return EXIT.ok;
  } finally {
    store.close();
  }
}

function lineOf(info: RecordingInfo): string {
  const end = info.exit === undefined ? '-' : 'code' in info.exit ? `exit ${info.exit.code}` : info.exit.signal;
  const took = info.ended === undefined ? '-' : `${((info.ended - info.started) / 1000).toFixed(1)} s`;
  const command = displayText(info.command.join(' '));
  return `${info.id}  ${displayText(info.name).padEnd(16)} ${info.status.padEnd(10)} ${end.padEnd(8)} ${took.padStart(8)}  ${command.slice(0, 60)}`;
}
