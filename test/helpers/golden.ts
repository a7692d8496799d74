/** Golden cases: a saved trace and the machine it was made on, read as if just traced. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileType } from '../../src/domain/access.ts';
import { ancestorsOf, nameOf, parentOf, textOfBytes } from '../../src/domain/path.ts';
import type { Decision } from '../../src/domain/policy.ts';
import type { Recording, RecordingInfo } from '../../src/domain/recording.ts';
import { AccessAccumulator } from '../../src/recording/accumulate.ts';
import type { HostFacts } from '../../synthesizer/targets/mxc.ts';
import type { Variables } from '../../synthesizer/template.ts';
import { LinkResolver, type HostFiles } from '../../tracer/strace/links.ts';
import { unescapeBytes } from '../../tracer/strace/parse-line.ts';
import { TraceReader } from '../../tracer/strace/resolve.ts';
import { recordingOf } from './recordings.ts';

export const GOLDEN = join(import.meta.dirname, '../golden');

/** Names of the cases: a folder each. */
export function goldenCases(): string[] {
  const entries = readdirSync(GOLDEN, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort(); // prettier-ignore
}

export interface GoldenCase {
  readonly decisions: readonly Decision[];
  readonly recording: Recording;
  /** The machine as it is after the run. */
  readonly host: HostFacts;
}

type GivenInfo = Partial<RecordingInfo> & Variables & { readonly decisions?: readonly Decision[] };

const STARTED = 1_000_000;

export function readGolden(name: string): GoldenCase {
  const read = (file: string) => readFileSync(join(GOLDEN, name, file), 'latin1');
  const { decisions = [], ...given } = JSON.parse(readFileSync(join(GOLDEN, name, 'info.json'), 'utf8')) as GivenInfo;
  const entries = readEntries(`${readFileSync(join(GOLDEN, 'machine.txt'), 'latin1')}${read('files.txt')}`);
  const accumulator = new AccessAccumulator();
  const reader = new TraceReader({
    host: hostFilesOf(entries),
    cwd: given.cwd!,
    started: STARTED,
    isRoot: given.uid === 0,
    onEvent: (event) => accumulator.push(event),
  });
  const lines = read('trace.txt').trimEnd().split('\n');
  lines.forEach((line, index) => reader.push(line, STARTED + index));
  const { accesses, processes } = accumulator.drain(true);
  const problems = accumulator.problems();
  const status = problems.length === 0 ? 'complete' : 'incomplete';
  const info = { name, ...given, ...accumulator.folders(), problems, status } as const;
  const recording = { ...recordingOf('20260101T000000Z-0001', accesses, info), processes };
  return { decisions, recording, host: hostFactsOf(entries, given) };
}

interface Entry {
  readonly type: FileType;
  readonly target?: string;
  readonly head: string;
  readonly isNew: boolean;
  readonly isGone: boolean;
  readonly isSetId: boolean;
}

/**
 * A line an entry: `[new|gone|set-id] TYPE PATH`, and after it ` -> TARGET` for a link, ` #!…` for a `script`. Bytes
 * outside of ASCII are escaped as strace does. Folders above an entry need no line. `gone`: there before the run only.
 */
function readEntries(text: string): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const folder: Entry = { type: 'folder', head: '', isNew: false, isGone: false, isSetId: false };
  for (const line of text.split('\n').filter((line) => line !== '')) {
    const match = /^(new |gone |set-id )?(\w+) (\/.*?)(?: -> (.*)| (#!.*))?$/.exec(line);
    if (match === null) throw new Error(`no entry: ${line}`);
    const [, state, type, path, target, head] = match;
    const at = unescaped(path!);
    entries.set(at, {
      type: type === 'script' ? 'file' : (type as FileType),
      ...(target === undefined ? {} : { target }),
      head: head ?? '',
      isNew: state === 'new ',
      isGone: state === 'gone ',
      isSetId: state === 'set-id ',
    });
    for (const above of ancestorsOf(at)) if (!entries.has(above)) entries.set(above, folder);
  }
  return entries;
}

function unescaped(path: string): string {
  return textOfBytes(unescapeBytes(path));
}

function hostFilesOf(entries: ReadonlyMap<string, Entry>): HostFiles {
  return {
    typeOf: (path) => entries.get(path)?.type,
    readLink: (path) => entries.get(path)?.target,
    bornAt: (path) => {
      const entry = entries.get(path);
      return entry && (entry.isNew ? STARTED : 1);
    },
    head: (path) => entries.get(path)?.head ?? '',
    isSetId: (path) => entries.get(path)?.isSetId === true,
  };
}

function hostFactsOf(entries: ReadonlyMap<string, Entry>, { workspace, home, tmp }: Variables): HostFacts {
  const left = new Map([...entries].filter(([, entry]) => !entry.isGone));
  const links = new LinkResolver(hostFilesOf(left));
  return {
    variables: { workspace, home, tmp },
    typeOf: (path) => left.get(path)?.type,
    realPath: (path) => {
      const { real, type } = links.resolve(path, true);
      return type === undefined ? undefined : real;
    },
    list: (folder) =>
      [...left]
        .filter(([path]) => path !== '/' && parentOf(path) === folder)
        .map(([path, { type }]) => ({ name: nameOf(path), type })),
    readable: () => true,
    writable: () => true,
  };
}
