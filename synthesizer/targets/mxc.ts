/** Policy → a request of MXC 1.0.0 for bubblewrap on Linux. Pure: what the machine holds is passed in. */
import type { FileType } from '../../src/domain/access.ts';
import { LeastwiseError } from '../../src/domain/errors.ts';
import type { FileGrant, Policy } from '../../src/domain/policy.ts';
import { ancestorsOf, displayText, isWithin } from '../../src/domain/path.ts';
import { compileDecisions } from '../decisions.ts';
import type { Variables } from '../template.ts';
import { isExpressible } from '../expressible.ts';
import { guardedWithin, type Mask } from './masks.ts';
import { placeGrants, type Placed, type PlacedGrant, type SkippedGrant } from './place.ts';
import { shellWord } from './shell-quote.ts';

export interface MxcRequest {
  readonly version: '1.0.0';
  readonly containment: 'bubblewrap';
  readonly process: {
    readonly commandLine: string;
    readonly cwd: string;
    readonly env: readonly string[];
    /** Milliseconds. */
    readonly timeout?: number;
  };
  readonly filesystem: {
    readonly readonlyPaths: readonly string[];
    readonly readwritePaths: readonly string[];
    readonly deniedPaths: readonly string[];
  };
  readonly network: { readonly egress: { readonly default: 'deny' } };
}

/** What a compilation needs to know of the machine that it is for. */
export interface HostFacts {
  readonly variables: Variables;
  /** What is there, links not followed; undefined where nothing is. */
  typeOf(path: string): FileType | undefined;
  /** With all links resolved; undefined where nothing is. */
  realPath(path: string): string | undefined;
  /** Entries of a folder; empty where it cannot be listed. */
  list(path: string): readonly { readonly name: string; readonly type: FileType }[];
  readable(path: string): boolean;
  writable(path: string): boolean;
}

export interface Launch {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds. */
  readonly timeout?: number;
}

export interface CompiledPolicy {
  readonly request: MxcRequest;
  /** Folders to make before the run. */
  readonly create: readonly string[];
  /** An empty folder in place of the working folder, of which nothing is granted; undefined where something is. */
  readonly standIn?: string;
  /** Grants that this machine has no use for, and why. */
  readonly skipped: readonly SkippedGrant[];
  /** What whoever uses it should know: refused grants, and what could not be looked at. Safe on a terminal. */
  readonly caveats: readonly string[];
  /** By path as mounted. */
  readonly grants: ReadonlyMap<string, FileGrant>;
  /** Guarded places that exist within grants and are masked. */
  readonly masks: readonly Mask[];
}

/** Longest command line that MXC takes, in bytes. */
const COMMAND_LINE_AT_MOST = 128 * 1024;
const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** @throws LeastwiseError `bad-policy` where a template or the command cannot be compiled */
export function compileMxc(policy: Policy, launch: Launch, host: HostFacts): CompiledPolicy {
  const decisions = compileDecisions(policy.decisions, host.variables);
  const decided = (path: string) => decisions.forPath(path);
  const placed = withoutLeakyLinks(placeGrants(policy, host, decisions), host, decided);
  const visible = placed.kept.filter(isVisible);
  const { masks, partial, inSight } = guardedWithin(visible, host, decided);
  const lists = { readonlyPaths: new Set<string>(), readwritePaths: new Set<string>(), deniedPaths: new Set<string>() };
  for (const { path, grant } of placed.kept) lists[LIST_OF[grant.access]].add(path);
  for (const mask of masks) lists[mask.access === 'denied' ? 'deniedPaths' : 'readonlyPaths'].add(mask.path);
  for (const { path, grant } of placed.kept)
    for (const other of othersIn(path, grant, host)) {
      if (isExpressible(other)) lists.deniedPaths.add(other);
      else inSight.push(other);
    }
  const paths = placed.kept.map(({ path }) => path);
  const needsStandIn = isExpressible(launch.cwd) && !isPresent(launch.cwd, paths);
  if (needsStandIn) lists.deniedPaths.add(launch.cwd);
  return {
    request: {
      version: '1.0.0',
      containment: 'bubblewrap',
      process: processOf(policy, launch),
      filesystem: {
        readonlyPaths: [...lists.readonlyPaths].sort(),
        readwritePaths: [...lists.readwritePaths].sort(),
        deniedPaths: [...lists.deniedPaths].sort(),
      },
      network: { egress: { default: 'deny' } },
    },
    create: placed.create,
    ...(needsStandIn ? { standIn: launch.cwd } : {}),
    skipped: placed.skipped,
    caveats: [
      ...placed.skipped.filter((one) => one.refused).map(refusalText),
      ...(partial ? [TOO_MANY] : []),
      ...inSightText(inSight),
    ],
    grants: new Map(placed.kept.map(({ path, grant }) => [path, grant])),
    masks,
  };
}

const TOO_MANY =
  'the granted folders hold too many entries to look at all of them: what is guarded among the rest is not masked';

function refusalText({ path, why }: SkippedGrant): string {
  return `${displayText(path)} is not granted on this machine: ${why}`;
}

/** MXC puts a mask at the real path only: what it covers there can be seen through a link that is mounted by itself. */
function withoutLeakyLinks(placed: Placed, host: HostFacts, decided: Parameters<typeof guardedWithin>[2]): Placed {
  const leaky = placed.kept.filter((entry) => {
    const real = host.realPath(entry.path);
    if (!isVisible(entry) || real === undefined || real === entry.path) return false;
    const holds = placed.kept.some(({ path, grant }) => grant.access !== entry.grant.access && path !== real && isWithin(path, real)); // prettier-ignore
    return holds || guardedWithin([{ path: real, grant: entry.grant }], host, decided).masks.length > 0;
  });
  if (leaky.length === 0) return placed;
  const why = 'it is a link to a folder of which not all is granted alike, and MXC would show all of it there; use the real path'; // prettier-ignore
  const refused = leaky.map(({ grant }) => ({ path: grant.path, why, refused: true }));
  return {
    create: placed.create,
    kept: placed.kept.filter((entry) => !leaky.includes(entry)),
    skipped: [...placed.skipped, ...refused],
  };
}

function isVisible({ grant }: PlacedGrant): boolean {
  return grant.access === 'read-only' || grant.access === 'read-write';
}

function inSightText(paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  const more = paths.length > 1 ? ` and ${paths.length - 1} more` : '';
  return [`${displayText(paths[0]!)}${more} would be masked, but MXC takes no such name: it is in sight; rename it`];
}

const LIST_OF = {
  'read-only': 'readonlyPaths',
  'read-write': 'readwritePaths',
  denied: 'deniedPaths',
  empty: 'deniedPaths',
} as const;

function othersIn(path: string, grant: FileGrant, host: HostFacts): string[] {
  if (grant.only === undefined) return [];
  const kept = new Set(grant.only);
  return host
    .list(path)
    .filter(({ name, type }) => !kept.has(name) && type !== 'link')
    .map(({ name }) => `${path}/${name}`);
}

function isPresent(folder: string, mounts: readonly string[]): boolean {
  return folder === '/' || mounts.some((path) => isWithin(folder, path) || ancestorsOf(path).includes(folder));
}

function processOf(policy: Policy, launch: Launch): MxcRequest['process'] {
  const commandLine = `exec ${launch.command.map(shellWord).join(' ')}`;
  if (!commandLine.isWellFormed() || commandLine.includes('\0')) {
    throw new LeastwiseError(
      'usage',
      'cannot hand on a command with bytes that are not UTF-8: MXC takes JSON',
      'Rename the file, or wrap the command in a script.',
    );
  }
  if (Buffer.byteLength(commandLine) > COMMAND_LINE_AT_MOST) {
    throw new LeastwiseError(
      'usage',
      `the command is longer than the ${COMMAND_LINE_AT_MOST} bytes that MXC takes`,
      'Wrap it in a script.',
    );
  }
  const names = policy.environment.map((grant) => grant.name);
  const values = names.flatMap((name) => pairOf(name, launch.environment[name]));
  const path = names.includes('PATH') && launch.environment['PATH'] !== undefined ? [] : [`PATH=${DEFAULT_PATH}`];
  return {
    commandLine,
    cwd: launch.cwd,
    env: [...values, ...path].sort(),
    ...(launch.timeout === undefined ? {} : { timeout: launch.timeout }),
  };
}

function pairOf(name: string, value: string | undefined): string[] {
  return value === undefined || !value.isWellFormed() ? [] : [`${name}=${value}`];
}
