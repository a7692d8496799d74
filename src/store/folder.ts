/** Where the store is: `--store`, else `LEASTWISE_STORE`, else `.leastwise` in the workspace. */
import { join, resolve } from 'node:path';

/** @param flags.store already holds the environment variable where the flag was not given */
export function storeFolder(flags: { readonly store?: string }, workspace: string): string {
  return resolve(flags.store ?? join(workspace, '.leastwise'));
}
