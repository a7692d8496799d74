/** `leastwise show`: reads one recording. */
import type { Console } from '../console.ts';
import { EXIT } from '../domain/errors.ts';
import { showAsJson, showAsText } from '../recording/show.ts';
import { openStore } from '../store/open.ts';
import { storeFolder } from '../store/folder.ts';
import { workspaceOf } from '../workspace.ts';

export interface ShowFlags {
  readonly workspace?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export async function runShow(reference: string, flags: ShowFlags, console: Console): Promise<number> {
  const store = openStore(storeFolder(flags, workspaceOf(flags.workspace)), 'read');
  try {
    const recording = store.read(store.find(reference).id);
    const lines = flags.json ? showAsJson(recording) : showAsText(recording);
    for (const line of lines) console.out(line);
    return EXIT.ok;
  } finally {
    store.close();
  }
}
