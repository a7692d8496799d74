/** Lines out of a FIFO that strace writes to, in few and large pieces. */
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';

/** Tells one line: `text` from `from` up to `end`, and when it was read, in milliseconds since the epoch. */
export type OnLine = (text: string, from: number, end: number, time: number) => void;

const PIECE = 64 * 1024;
/** strace writes line by line. Waiting a little lets many gather: a read for each would cost more than the line. */
const WAIT_MS = 3;
const IDLE_WAIT_MS = 15;
/** A longer line than this is none of strace's: it is cut, and told as not understood. */
const LINE_AT_MOST = 4 * 1024 * 1024;

/** Reads until `hasEnded` and nothing is left. */
export async function readLines(fifo: string, hasEnded: () => boolean, onLine: OnLine): Promise<void> {
  const file = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const splitter = new LineSplitter(onLine);
    const buffer = Buffer.allocUnsafeSlow(PIECE);
    for (let pause = WAIT_MS; ;) {
      // Asked before the read: what is written in between is read the next time round.
      const ended = hasEnded();
      const length = tryRead(file, buffer);
      if (length > 0) splitter.push(buffer.toString('latin1', 0, length));
      else if (ended) break;
      pause = length > 0 ? WAIT_MS : Math.min(pause + 1, IDLE_WAIT_MS);
      // Even where there is always more: signals and timers have their turn.
      await (length < PIECE / 2 ? wait(pause) : nextTurn());
    }
    splitter.end();
  } finally {
    closeSync(file);
  }
}

/** Cuts pieces of text into lines. */
export class LineSplitter {
  private rest = '';
  private readonly onLine: OnLine;

  constructor(onLine: OnLine) {
    this.onLine = onLine;
  }

  push(piece: string): void {
    const text = this.rest === '' ? piece : this.rest + piece;
    const now = Date.now();
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.onLine(text, from, end, now);
      from = end + 1;
    }
    this.rest = text.slice(from, from + LINE_AT_MOST);
  }

  end(): void {
    if (this.rest !== '') this.onLine(this.rest, 0, this.rest.length, Date.now());
    this.rest = '';
  }
}

/** @returns 0 where nothing is there (yet) */
function tryRead(file: number, buffer: Buffer): number {
  try {
    return readSync(file, buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
