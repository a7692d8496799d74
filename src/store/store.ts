/** Where recordings are kept. The rest of the program knows only these interfaces. */
import type { Access, ProcessInfo } from '../domain/access.ts';
import type { Recording, RecordingInfo } from '../domain/recording.ts';

/** `create`: made where it is not there; `read`: never written. */
export type StoreMode = 'create' | 'change' | 'read';

export interface RecordingStore {
  /** Starts a recording; it is there, marked `running`, from this moment on. */
  begin(info: RecordingInfo): RecordingWriter;
  /** All recordings, oldest first. One whose recorder died is told as `incomplete`, with a problem `recorder-died`. */
  list(name?: string): readonly RecordingInfo[];
  /** @param reference an id, an unambiguous beginning of one, or `last`. Throws LeastwiseError `no-recording`. */
  find(reference: string): RecordingInfo;
  read(id: string): Recording;
  remove(id: string): void;
  /** What files speak of, so that they are read once. */
  readonly mentions: Mentions;
  close(): void;
}

export interface RecordingWriter {
  readonly id: string;
  /** Adds rows, or adds to the count and times of rows that are there. One transaction. */
  write(accesses: Iterable<Access>, processes: Iterable<ProcessInfo>): void;
  /** Replaces what is known of the recording as a whole; the end of it sets `status`. */
  update(info: RecordingInfo): void;
}

export interface Mentions {
  /** @param stamp changes when the file does. @returns the variables that it speaks of; undefined where it was not read yet */
  get(file: string, stamp: string): readonly string[] | undefined;
  /** Replaces what is known of these files. One transaction. */
  set(entries: readonly MentionEntry[]): void;
}

export interface MentionEntry {
  readonly file: string;
  readonly stamp: string;
  readonly names: readonly string[];
}
