/** Where the grants of a policy really lie on this machine, and which of them cannot be, or must not be, mounted. Pure. */
import { isExpressible } from '../expressible.ts';
import { LeastwiseError } from '../../src/domain/errors.ts';
import { displayText, isWithin, nameOf, parentOf, resolvePath } from '../../src/domain/path.ts';
import type { FileGrant, Policy } from '../../src/domain/policy.ts';
import { broadFolders, regionOf } from '../baseline.ts';
import type { Decisions } from '../decisions.ts';
import { guardedPlaceOf } from '../guard.ts';
import { fromTemplate } from '../template.ts';
import type { HostFacts } from './mxc.ts';

export interface PlacedGrant {
  /** As mounted: links in the folders above are resolved. */
  readonly path: string;
  readonly grant: FileGrant;
}

export interface SkippedGrant {
  /** As written in the policy. */
  readonly path: string;
  readonly why: string;
  /** It could be mounted, and that would give away what nobody granted. */
  readonly refused: boolean;
}

export interface Placed {
  readonly kept: readonly PlacedGrant[];
  /** Folders to make before the run. */
  readonly create: readonly string[];
  readonly skipped: readonly SkippedGrant[];
}

/**
 * A policy names paths; what is mounted is what they lead to. The workload, or whoever wrote the workspace, may have
 * put links in their place: a grant never reaches further than its own name and what the policy grants by name.
 */
export function placeGrants(policy: Policy, host: HostFacts, decisions: Decisions): Placed {
  const named = policy.filesystem.map((grant) => locate(grant, host));
  const links = named.filter((entry) => host.typeOf(entry.at) === 'link' && !isMask(entry.grant));
  const placer = new Placer(named, host, decisions);
  for (const entry of named) if (!links.includes(entry)) placer.place(entry);
  // A link within a granted folder shows as itself; a mount over it is refused.
  const shown = placer.visible();
  for (const link of links) if (!shown.some((path) => path !== link.at && isWithin(link.at, path))) placer.place(link);
  return placer;
}

interface Located {
  readonly grant: FileGrant;
  /** As the policy names it, variables filled in. */
  readonly path: string;
  /** With the links in the folders above resolved, as far as these exist. */
  readonly at: string;
  /** With all links resolved; undefined where nothing is. */
  readonly real: string | undefined;
}

function locate(grant: FileGrant, host: HostFacts): Located {
  const filled = fromTemplate(grant.path, host.variables);
  if (filled === undefined) throw badGrant(grant, 'it names an unknown variable', 'Known are ${workspace}, ${home} and ${tmp}.'); // prettier-ignore
  if (!filled.startsWith('/')) throw badGrant(grant, 'it is no absolute path', 'Begin it with / or a variable.');
  const path = resolvePath('/', filled);
  const at = path === '/' ? '/' : joined(realAsFarAsThere(parentOf(path), host), nameOf(path));
  return { grant, path, at, real: host.realPath(at) };
}

function realAsFarAsThere(path: string, host: HostFacts): string {
  const real = host.realPath(path);
  if (real !== undefined || path === '/') return real ?? path;
  return joined(realAsFarAsThere(parentOf(path), host), nameOf(path));
}

function joined(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

class Placer implements Placed {
  readonly kept: PlacedGrant[] = [];
  readonly create: string[] = [];
  readonly skipped: SkippedGrant[] = [];
  private readonly named: readonly Located[];
  private readonly host: HostFacts;
  private readonly decisions: Decisions;
  private readonly isBroad: (path: string) => boolean;

  constructor(named: readonly Located[], host: HostFacts, decisions: Decisions) {
    const { workspace, home, tmp } = host.variables;
    this.named = named;
    this.host = host;
    this.decisions = decisions;
    this.isBroad = broadFolders({ workspaces: [workspace], homes: [home], tmps: [tmp] });
  }

  visible(): string[] {
    return this.kept.filter(({ grant }) => !isMask(grant)).map(({ path }) => path);
  }

  place(entry: Located): void {
    const { grant, at, real } = entry;
    if (real === undefined && !(grant.create && this.host.typeOf(at) === undefined)) {
      return this.skip(grant, 'nothing is there, and what is not there cannot be mounted', false);
    }
    if (!isExpressible(real ?? at) || !isExpressible(at))
      return this.skip(grant, 'MXC takes no path with a double quote, or that is not UTF-8: rename it', true);
    if (isMask(grant)) return void this.kept.push({ path: real ?? at, grant });
    const refusal = this.refusalOf(entry);
    if (refusal !== undefined) return this.skip(grant, refusal, true);
    const missing = real === undefined ? undefined : this.missingRight(grant, at);
    if (missing !== undefined) return this.skip(grant, missing, false);
    if (real === undefined) this.create.push(at);
    const isLink = real !== undefined && real !== at;
    this.kept.push({ path: at, grant: isLink ? { ...grant, access: this.accessOf(real, grant) } : grant });
  }

  /** A link gives what its target has: MXC takes the strictest of what it is told about one object, for all its names. */
  private accessOf(target: string, grant: FileGrant): FileGrant['access'] {
    return this.isGrantedByName(target, { ...grant, access: 'read-write' }) ? 'read-write' : grant.access;
  }

  private missingRight({ access }: FileGrant, at: string): string | undefined {
    if (access === 'read-only')
      return this.host.readable(at) ? undefined : 'you may not read it yourself, so it cannot be handed on';
    if (this.host.readable(at) && this.host.writable(at)) return undefined;
    return 'you may not write it yourself, so it cannot be handed on';
  }

  /** Why a grant must not be mounted although it could be; undefined for no reason. */
  private refusalOf({ grant, path, at, real }: Located): string | undefined {
    const target = real ?? at;
    const decided = this.decisions.forPath(target);
    if (decided === 'deny' || this.decisions.forPath(path) === 'deny') return 'a decision denies it';
    if (decided !== undefined) return undefined;
    const guard = guardedPlaceOf(target, grant.access === 'read-write');
    const leads = target === path ? '' : ` leads to ${displayText(target)}, which`;
    if (guard !== undefined) return `it${leads} is guarded (${guard.what}), and no decision allows it`;
    const isFolder = real === undefined || this.host.typeOf(target) === 'folder';
    if (isHarmless(target, grant)) return undefined;
    if (isFolder && grant.only === undefined && this.isBroad(target))
      return `it${leads} is too broad to be granted whole`;
    if (target !== path)
      return this.isGrantedByName(target, grant) ? undefined : `it${leads} the policy does not grant`;
    return isFolder && grant.scope === 'file' ? 'a file is granted, and a folder is there' : undefined;
  }

  /** Whether a grant without any link in its path gives the place, and at least as much of it. */
  private isGrantedByName(target: string, { access }: FileGrant): boolean {
    return this.named.some(
      ({ grant, path, real }) =>
        real === path &&
        (grant.access === 'read-write' || (grant.access === 'read-only' && access === 'read-only')) &&
        (path === target || (grant.scope === 'folder' && grant.only === undefined && isWithin(target, path))),
    );
  }

  private skip(grant: FileGrant, why: string, refused: boolean): void {
    this.skipped.push({ path: grant.path, why, refused });
  }
}

/** What the sandbox has anyway. */
function isHarmless(target: string, { access }: FileGrant): boolean {
  return access === 'read-only' && (regionOf(target) === 'readable' || DEVICES.has(target));
}

const DEVICES = new Set(['/dev/null', '/dev/zero', '/dev/full', '/dev/random', '/dev/urandom', '/dev/tty']);

function isMask({ access }: FileGrant): boolean {
  return access === 'denied' || access === 'empty';
}

function badGrant(grant: FileGrant, what: string, remedy: string): LeastwiseError {
  return new LeastwiseError('bad-policy', `cannot compile the grant ${displayText(grant.path)}: ${what}`, remedy);
}
