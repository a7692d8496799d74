/**
 * A recorder makes much garbage, and little of it stays. V8 would let it pile up to hundreds of megabytes before it
 * looks; beside a workload that needs the memory, a look now and then is cheaper.
 */
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const HEAP_AT_MOST = 64 * 1024 * 1024;

let collect: (() => void) | undefined;

/** Keeps the part of the heap for new objects from growing; call it before the recording starts. */
export function startSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}

/** Clears the heap where it has grown; call it about once a second, or every few thousand rows. */
export function keepHeapSmall(): void {
  if (getHeapStatistics().used_heap_size < HEAP_AT_MOST) return;
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
}
