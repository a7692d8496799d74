/** The form of the database, and the steps from older forms to this one. */
import type Database from 'better-sqlite3';
import { LeastwiseError } from '../domain/errors.ts';

/** Step N brings a database of version N to version N + 1. Never changed once released; new ones are added at the end. */
const STEPS: readonly string[] = [
  `CREATE TABLE recording (
     number INTEGER PRIMARY KEY,
     id TEXT NOT NULL UNIQUE,
     name TEXT NOT NULL,
     info TEXT NOT NULL,
     recorder TEXT NOT NULL
   );
   CREATE TABLE process (
     recording INTEGER NOT NULL REFERENCES recording(number) ON DELETE CASCADE,
     id INTEGER NOT NULL,
     info TEXT NOT NULL,
     PRIMARY KEY (recording, id)
   ) WITHOUT ROWID;
   CREATE TABLE access (
     recording INTEGER NOT NULL REFERENCES recording(number) ON DELETE CASCADE,
     key BLOB NOT NULL,
     operation TEXT NOT NULL,
     outcome TEXT NOT NULL,
     program,
     path,
     real,
     type TEXT,
     more TEXT,
     evidence TEXT NOT NULL,
     count INTEGER NOT NULL,
     first INTEGER NOT NULL,
     last INTEGER NOT NULL,
     process INTEGER NOT NULL
   );
   CREATE UNIQUE INDEX access_key ON access (recording, key);
   CREATE TABLE mention (
     file TEXT NOT NULL,
     stamp TEXT NOT NULL,
     names TEXT NOT NULL,
     PRIMARY KEY (file, stamp)
   ) WITHOUT ROWID;`,
];

/** Whether a database has the form that this program writes. */
export function isCurrent(database: Database.Database): boolean {
  return database.pragma('user_version', { simple: true }) === STEPS.length;
}

/** Brings an open database to the form that this program knows. @throws LeastwiseError where it is of a newer one */
export function migrate(database: Database.Database, file: string): void {
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > STEPS.length) {
    throw new LeastwiseError(
      'store',
      `cannot open ${file}: it was written by a newer leastwise (form ${version}, this one knows ${STEPS.length})`,
      'Use that one, or another store: --store DIR.',
    );
  }
  if (version === STEPS.length) return;
  database
    .transaction(() => {
      const now = database.pragma('user_version', { simple: true }) as number;
      for (const step of STEPS.slice(now)) database.exec(step);
      database.pragma(`user_version = ${STEPS.length}`);
    })
    .immediate();
}
