/** Which variables of the caller's environment a workload speaks of: names in its programs and scripts, never values. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { bytesOfText } from '../domain/path.ts';
import type { EnvironmentUse } from '../domain/recording.ts';
import type { MentionEntry, Mentions } from '../store/store.ts';

/** Any program may read these, through the C library or by custom; they say nothing about a person. */
const STANDARD = new Set(['PATH', 'HOME', 'LANG', 'LANGUAGE', 'TERM', 'COLORTERM', 'TZ', 'TMPDIR', 'USER', 'LOGNAME', 'SHELL', 'COLUMNS', 'LINES', 'NO_COLOR']); // prettier-ignore
/** A shell sets these itself. */
const OWN_OF_SHELLS = new Set(['_', 'SHLVL', 'PWD', 'OLDPWD']);

const TEXT_AT_MOST = 2 * 1024 * 1024;
const PROGRAM_AT_MOST = 160 * 1024 * 1024;
const TOTAL_AT_MOST = 400 * 1024 * 1024;
const CHUNK = 4 * 1024 * 1024;
const FILES_SHOWN = 3;

export interface FilesOfWorkload {
  /** Programs and scripts that were started. */
  readonly programs: readonly string[];
  /** Other files that were read. */
  readonly others: readonly string[];
}

/** @returns standard variables that are set, and those that a file speaks of; sorted by name */
export function environmentUses(
  environment: Readonly<Record<string, string | undefined>>,
  files: FilesOfWorkload,
  mentions: Mentions,
): EnvironmentUse[] {
  const names = Object.keys(environment).sort();
  const uses = new Map<string, string[]>();
  for (const name of names) if (STANDARD.has(name) || name.startsWith('LC_')) uses.set(name, []);
  const asked = names.filter(
    (name) => !uses.has(name) && !OWN_OF_SHELLS.has(name) && /^[A-Za-z_][A-Za-z0-9_]*$/.test(name),
  );
  if (asked.length > 0) scan(asked, files, mentions, uses);
  return [...uses]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, seenIn]) => ({ name, seenIn: seenIn.slice(0, FILES_SHOWN) }));
}

function scan(names: readonly string[], files: FilesOfWorkload, mentions: Mentions, uses: Map<string, string[]>): void {
  const pattern = new RegExp(`(?<![A-Za-z0-9_])(?:${names.join('|')})(?![A-Za-z0-9_])`, 'g');
  const question = createHash('sha256').update(names.join(' ')).digest('hex').slice(0, 16);
  const fresh: MentionEntry[] = [];
  let left = TOTAL_AT_MOST;
  const look = (file: string, limit: number): void => {
    const found = mentionsOf(file, limit, question, pattern, mentions);
    if (found === undefined) return;
    left -= found.bytes;
    if (found.bytes > 0) fresh.push(found.entry);
    for (const name of found.entry.names) uses.set(name, [...(uses.get(name) ?? []), file]);
  };
  for (const file of [...files.programs].sort()) if (left > 0) look(file, PROGRAM_AT_MOST);
  for (const file of [...files.others].sort()) if (left > 0) look(file, TEXT_AT_MOST);
  if (fresh.length > 0) mentions.set(fresh);
}

interface Found {
  readonly entry: MentionEntry;
  /** Bytes that were read for it; 0 where the answer was known. */
  readonly bytes: number;
}

function mentionsOf(
  file: string,
  limit: number,
  question: string,
  pattern: RegExp,
  mentions: Mentions,
): Found | undefined {
  const path = file.isWellFormed() ? file : Buffer.from(bytesOfText(file));
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size === 0 || stats.size > limit) return undefined;
    const stamp = `${stats.size}:${stats.mtimeMs}:${question}`;
    const key = file.toWellFormed();
    const known = mentions.get(key, stamp);
    if (known !== undefined) return { entry: { file: key, stamp, names: known }, bytes: 0 };
    const names = readMentions(path, stats.size, limit === TEXT_AT_MOST, pattern);
    return { entry: { file: key, stamp, names }, bytes: stats.size };
  } catch {
    // It is gone, or may not be read: nothing can be said of it.
    return undefined;
  }
}

function readMentions(path: string | Buffer, size: number, textOnly: boolean, pattern: RegExp): string[] {
  const found = new Set<string>();
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size) + 1);
  const file = openSync(path, 'r');
  try {
    let rest = '';
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      const text = rest + buffer.toString('latin1', 0, length);
      if (textOnly && text.includes('\0')) return [];
      for (const match of text.matchAll(pattern)) found.add(match[0]);
      rest = text.slice(-200);
    }
  } finally {
    closeSync(file);
  }
  return [...found].sort();
}
