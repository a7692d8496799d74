/** `leastwise rm`: deletes recordings. */
import type { Console } from '../console.ts';
import { EXIT, LeastwiseError } from '../domain/errors.ts';
import { openStore } from '../store/open.ts';
import { storeFolder } from '../store/folder.ts';
import { workspaceOf } from '../workspace.ts';

export interface RmFlags {
  readonly workspace?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export async function runRm(references: readonly string[], flags: RmFlags, console: Console): Promise<number> {
  const store = openStore(storeFolder(flags, workspaceOf(flags.workspace)), 'change');
  try {
    const found = references.map((reference) => store.find(reference));
    const running = found.find((info) => info.status === 'running');
    if (running !== undefined)
      throw new LeastwiseError('store', `cannot delete ${running.id}: it is being recorded`, 'End its workload first.');
    for (const info of found) store.remove(info.id);
    if (flags.json) console.out(JSON.stringify({ deleted: found.map((info) => info.id) }));
    else for (const info of found) console.note(`leastwise: deleted ${info.id}`);
    return EXIT.ok;
  } finally {
    store.close();
  }
}
