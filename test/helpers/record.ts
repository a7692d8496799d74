/** Runs leastwise itself, over real strace, in a folder of its own. */
import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Access, PathObject } from '../../src/domain/access.ts';
import type { Recording } from '../../src/domain/recording.ts';

export const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

export interface Bench {
  /** An empty folder, the cwd and workspace of what is run. */
  readonly folder: string;
  run(...args: string[]): SpawnSyncReturns<string>;
  /** Records, and reads what was recorded. */
  record(...command: string[]): { readonly ended: SpawnSyncReturns<string>; readonly seen: Shown };
  show(reference?: string): Shown;
  dispose(): void;
}

export type Shown = Omit<Recording, 'accesses' | 'info'> & {
  readonly recording: Recording['info'];
  readonly accesses: readonly Access[];
};

/** @param parent where its folder is made; not below /tmp for what a sandbox has to see */
export function makeBench(parent = tmpdir()): Bench {
  const folder = mkdtempSync(join(parent, 'leastwise-test-'));
  const run = (...args: string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [CLI, ...args], {
      cwd: folder,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
      env: { ...process.env, LEASTWISE_STORE: join(folder, '.leastwise') },
    });
  const show = (reference = 'last'): Shown => JSON.parse(run('show', reference, '--json').stdout) as Shown;
  return {
    folder,
    run,
    show,
    record: (...command) => {
      const ended = run('record', '--', ...command);
      return { ended, seen: show() };
    },
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** `operation outcome path` of accesses to what lies below a folder, relative to it; sorted, each once. */
export function doneBelow(seen: Shown, folder: string): string[] {
  const short = (path: PathObject): string | undefined =>
    path.path.startsWith(`${folder}/`) ? path.path.slice(folder.length + 1) : undefined;
  const lines = seen.accesses.flatMap(({ operation, outcome, object }) => {
    if (object.kind === 'pair') return [`${operation} ${outcome} ${short(object.from)} ${short(object.to)}`];
    const path = object.kind === 'path' ? short(object) : undefined;
    return path === undefined ? [] : [`${operation} ${outcome} ${path}`];
  });
  return [...new Set(lines)].sort();
}
