/** How much more than the observed a policy exposes: existing files within its grants that were never touched. Pure. */
import type { CompiledPolicy, HostFacts } from './targets/mxc.ts';
import { coverageOf } from './coverage.ts';

export interface Exposure {
  readonly readable: number;
  readonly writable: number;
  /** Counting stopped early: there are at least so many. */
  readonly partial: boolean;
}

const ENTRIES_AT_MOST = 200_000;

/** Counts files only, no folders and no links; places that MXC gives to everyone are not counted. */
export function measureExposure(
  compiled: CompiledPolicy,
  host: HostFacts,
  wasTouched: (path: string) => boolean,
): Exposure {
  const coverage = coverageOf(compiled);
  const counts = { readable: 0, writable: 0 };
  let entries = 0;
  const visit = (folder: string): void => {
    for (const { name, type } of host.list(folder)) {
      if (++entries > ENTRIES_AT_MOST) return;
      const path = folder === '/' ? `/${name}` : `${folder}/${name}`;
      const { visibility } = coverage(path);
      if (visibility === 'denied' || visibility === 'private') continue;
      if (type === 'folder') visit(path);
      else if (type !== 'link' && !wasTouched(path)) counts[visibility === 'read-write' ? 'writable' : 'readable'] += 1;
    }
  };
  for (const root of topmost(compiled)) visit(root);
  return { ...counts, partial: entries > ENTRIES_AT_MOST };
}

function topmost(compiled: CompiledPolicy): string[] {
  const folders = [...compiled.grants].filter(
    ([, grant]) => grant.scope === 'folder' && grant.access.startsWith('read-'),
  );
  const paths = folders.map(([path]) => path).sort();
  return paths.filter((path, index) => !paths.slice(0, index).some((other) => path.startsWith(`${other}/`)));
}
