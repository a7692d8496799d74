/** Recordings in SQLite: the only importer of better-sqlite3. */
import { chmodSync, closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { Access, ProcessInfo } from '../domain/access.ts';
import { LeastwiseError } from '../domain/errors.ts';
import { displayText } from '../domain/path.ts';
import { makeFolder } from '../make-folder.ts';
import type { Recording, RecordingInfo } from '../domain/recording.ts';
import { isRecorderAlive, thisRecorder } from './recorder-identity.ts';
import { fromColumns, READ_COLUMNS, toColumns, type ReadColumns } from './rows.ts';
import { isCurrent, migrate } from './schema.ts';
import type { Mentions, RecordingStore, RecordingWriter, StoreMode } from './store.ts';

const FILE = 'recordings.sqlite';
const BUSY_MS = 10_000;

/** @param mode `read` and `change`: it must be there. @throws LeastwiseError `store` or `no-recording` */
export function openStore(folder: string, mode: StoreMode): RecordingStore {
  const file = join(folder, FILE);
  if (mode !== 'create' && !existsSync(file)) {
    throw new LeastwiseError(
      'no-recording',
      `there are no recordings in ${displayText(folder)}`,
      '"leastwise record -- CMD" makes one; --store DIR looks elsewhere.',
    );
  }
  try {
    if (mode === 'create') prepareFolder(folder, file);
    return new SqliteStore((mode === 'read' ? openToRead(file) : undefined) ?? openToWrite(file));
  } catch (error) {
    if (error instanceof LeastwiseError) throw error;
    const code = (error as { code?: string }).code ?? (error as Error).message;
    throw new LeastwiseError(
      'store',
      `cannot keep recordings in ${displayText(folder)}: ${code}`,
      'Name a folder that you may write: --store DIR, or LEASTWISE_STORE.',
      error,
    );
  }
}

/**
 * Closing a database that could have been written waits for the disk, and with it for all that anybody has just written
 * there. @returns undefined where it can only be read after a change: an older form, or a recorder that died
 */
function openToRead(file: string): Database.Database | undefined {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, timeout: BUSY_MS });
    if (isCurrent(database)) return database;
  } catch {
    // Said by whoever opens it to write.
  }
  database?.close();
  return undefined;
}

function openToWrite(file: string): Database.Database {
  const database = new Database(file, { timeout: BUSY_MS });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  // Checkpoints wait for the disk: seldom, while a workload waits.
  database.pragma('wal_autocheckpoint = 8000');
  database.pragma('foreign_keys = ON');
  migrate(database, file);
  return database;
}

function prepareFolder(folder: string, file: string): void {
  if (!existsSync(folder)) {
    makeFolder(folder, 0o700);
    writeFileSync(join(folder, '.gitignore'), '*\n');
  }
  // Recordings may hold secrets: nobody else reads them. SQLite gives its other files the same mode.
  closeSync(openSync(file, 'a', 0o600));
  chmodSync(file, 0o600);
}

class SqliteStore implements RecordingStore {
  readonly mentions: Mentions;
  private readonly database: Database.Database;

  constructor(database: Database.Database) {
    this.database = database;
    this.mentions = mentionsIn(database);
  }

  begin(info: RecordingInfo): RecordingWriter {
    const insert = this.database.prepare('INSERT INTO recording (id, name, info, recorder) VALUES (?, ?, ?, ?)');
    const { lastInsertRowid } = insert.run(info.id, info.name, JSON.stringify(info), thisRecorder());
    return new SqliteWriter(this.database, info.id, Number(lastInsertRowid));
  }

  list(name?: string): readonly RecordingInfo[] {
    const rows = this.database.prepare('SELECT info, recorder FROM recording ORDER BY id').all() as InfoRow[];
    return rows.map(toInfo).filter((info) => name === undefined || info.name === name);
  }

  find(reference: string): RecordingInfo {
    const all = this.list();
    if (reference === 'last' && all.length > 0) return all.at(-1)!;
    const found = all.filter((info) => info.id === reference || (reference !== '' && info.id.startsWith(reference)));
    if (found.length === 1) return found[0]!;
    const what = found.length === 0 ? 'no recording' : `more than one recording (${found.length})`;
    throw new LeastwiseError(
      'no-recording',
      `${what} is called ${displayText(reference)}`,
      '"leastwise runs" lists them.',
    );
  }

  read(id: string): Recording {
    const row = this.database.prepare('SELECT number, info, recorder FROM recording WHERE id = ?').get(id) as
      | (InfoRow & { number: number })
      | undefined;
    if (row === undefined) throw new LeastwiseError('no-recording', `no recording is called ${displayText(id)}`);
    const processes = this.database
      .prepare('SELECT info FROM process WHERE recording = ? ORDER BY id')
      .pluck()
      .all(row.number) as string[];
    return {
      info: toInfo(row),
      processes: processes.map((text) => JSON.parse(text) as ProcessInfo),
      accesses: { [Symbol.iterator]: () => readAccesses(this.database, row.number) },
    };
  }

  remove(id: string): void {
    this.database.prepare('DELETE FROM recording WHERE id = ?').run(id);
  }

  close(): void {
    this.database.close();
  }
}

/** Rows in one piece: many at once are read much faster than one by one, and in the order of the table than by an index. */
const ROWS_AT_ONCE = 2_000;

function* readAccesses(database: Database.Database, recording: number): Generator<Access> {
  const ends = database.prepare('SELECT min(rowid), max(rowid) FROM access WHERE recording = ?').raw();
  const [first, last] = ends.get(recording) as [number | null, number | null];
  if (first === null || last === null) return;
  // The sign keeps SQLite from going by the index of `recording`: rows of one recording mostly stand together.
  const select = database
    .prepare(
      `SELECT rowid, ${READ_COLUMNS} FROM access
       WHERE rowid > ? AND rowid <= ? AND +recording = ? ORDER BY rowid LIMIT ${ROWS_AT_ONCE}`,
    )
    .raw();
  for (let after = first - 1; ;) {
    const rows = select.all(after, last, recording) as [number, ...ReadColumns][];
    for (const row of rows) yield fromColumns(row);
    if (rows.length < ROWS_AT_ONCE) return;
    after = rows.at(-1)![0];
  }
}

interface InfoRow {
  readonly info: string;
  readonly recorder: string;
}

function toInfo(row: InfoRow): RecordingInfo {
  const info = JSON.parse(row.info) as RecordingInfo;
  if (info.status !== 'running' || isRecorderAlive(row.recorder)) return info;
  const died = { kind: 'recorder-died', detail: 'the recorder ended before the workload did', count: 1 } as const;
  return { ...info, status: 'incomplete', problems: [...info.problems, died] };
}

class SqliteWriter implements RecordingWriter {
  readonly id: string;
  private readonly number: number;
  private readonly database: Database.Database;
  private readonly insertAccess: Database.Statement;
  private readonly insertProcess: Database.Statement;

  constructor(database: Database.Database, id: string, number: number) {
    this.database = database;
    this.id = id;
    this.number = number;
    this.insertAccess = database.prepare(
      `INSERT INTO access (recording, key, ${READ_COLUMNS}) VALUES (${number}, ?${', ?'.repeat(12)})
       ON CONFLICT (recording, key) DO UPDATE SET count = count + excluded.count,
         first = min(first, excluded.first), last = max(last, excluded.last)`,
    );
    this.insertProcess = database.prepare(
      `INSERT INTO process (recording, id, info) VALUES (${number}, ?, ?) ON CONFLICT (recording, id) DO UPDATE SET info = excluded.info`,
    );
  }

  write(accesses: Iterable<Parameters<typeof toColumns>[0]>, processes: Iterable<ProcessInfo>): void {
    this.database.transaction(() => {
      for (const process of processes) this.insertProcess.run(process.id, JSON.stringify(process));
      for (const access of accesses) this.insertAccess.run(...toColumns(access));
    })();
  }

  update(info: RecordingInfo): void {
    this.database
      .prepare('UPDATE recording SET info = ?, name = ? WHERE number = ?')
      .run(JSON.stringify(info), info.name, this.number);
  }
}

function mentionsIn(database: Database.Database): Mentions {
  const select = database.prepare('SELECT names FROM mention WHERE file = ? AND stamp = ?').pluck();
  return {
    get: (file, stamp) => {
      const names = select.get(file, stamp) as string | undefined;
      return names === undefined ? undefined : (JSON.parse(names) as string[]);
    },
    set: (entries) => {
      const clear = database.prepare('DELETE FROM mention WHERE file = ?');
      const insert = database.prepare('INSERT INTO mention (file, stamp, names) VALUES (?, ?, ?)');
      database.transaction(() => {
        for (const { file, stamp, names } of entries) {
          clear.run(file);
          insert.run(file, stamp, JSON.stringify(names));
        }
      })();
    },
  };
}
