/**
 * Two policies of one workload, learned apart → one that holds what both hold. Pure. It does not matter which comes
 * first, how many are merged in which order, or how often: every part is a maximum or a union, told apart by its key.
 */
import { canonicalText } from '../src/domain/canonical.ts';
import { LeastwiseError } from '../src/domain/errors.ts';
import type {
  Decision,
  DecisionEffect,
  EnvironmentGrant,
  Evidence,
  FileGrant,
  GrantReason,
  NetworkDestination,
  NetworkPolicy,
  PendingDecision,
  Policy,
} from '../src/domain/policy.ts';
import { OPERATIONS } from './need.ts';

/** A result is canonical: sorted, without doubles. @throws LeastwiseError `usage` where name or flavour differ */
export function mergePolicies(a: Policy, b: Policy): Policy {
  if (a.name !== b.name || a.flavour !== b.flavour)
    throw new LeastwiseError('usage', 'cannot merge policies of two names, or of two kinds of system');
  const decisions = mergeDecisions([...a.decisions, ...b.decisions]);
  const decided = new Set(decisions.map((decision) => decision.pattern));
  const schema = sorted([a.$schema ?? '', b.$schema ?? '']).at(-1)!;
  return {
    ...(schema === '' ? {} : { $schema: schema }),
    leastwise: Math.max(a.leastwise, b.leastwise),
    name: a.name,
    flavour: a.flavour,
    workload: latest(a, b).workload,
    filesystem: unite([...a.filesystem, ...b.filesystem], ({ path }) => path, mergeGrants),
    environment: unite([...a.environment, ...b.environment], ({ name }) => name, mergeVariables),
    network: mergeNetworks(a.network, b.network),
    decisions,
    pending: unite([...a.pending, ...b.pending], ({ id, pattern }) => `${id}\0${pattern}`, mergePending).filter((one) => !decided.has(one.pattern)),
    leftOut: unite([...a.leftOut, ...b.leftOut], ({ path, why }) => `${path}\0${why}`, (x, y) => ({
      ...x, operations: inOrder([...x.operations, ...y.operations], OPERATIONS),
    })),
    recordings: unite([...a.recordings, ...b.recordings], ({ id }) => id, maximum),
  }; // prettier-ignore
}

/** Weakest first. A guard gives way where the other policy grants; what a person denied stays denied. */
const RANKS = ['denied by guard', 'empty', 'read-only', 'read-write', 'denied by decision'] as const;
const REASONS: readonly GrantReason[] = [
  'presence', 'symlink', 'observed', 'listed', 'generalised', 'folder-change', 'temporary', 'guarded', 'decision',
]; // prettier-ignore
const EFFECTS: readonly DecisionEffect[] = ['allow', 'allow-read', 'deny'];
const SAMPLES = 3;

/** The wider access wins, as it is; where both are as wide, what both reach. */
function mergeGrants(a: FileGrant, b: FileGrant): FileGrant {
  const evidence = mergeEvidence(a.evidence, b.evidence);
  const wider = rankOf(a) - rankOf(b);
  if (wider > 0) return { ...mergeGrants(a, a), evidence };
  if (wider < 0) return { ...mergeGrants(b, b), evidence };
  const only = a.only && b.only && sorted([...a.only, ...b.only]);
  const { reason, note } = maximumBy(a, b, (grant) => [REASONS.indexOf(grant.reason), grant.note ?? '']);
  return {
    path: a.path,
    access: a.access,
    scope: a.scope === 'folder' || b.scope === 'folder' ? 'folder' : 'file',
    ...(a.create || b.create ? { create: true } : {}),
    ...(only === undefined ? {} : { only }),
    reason,
    ...(note === undefined ? {} : { note }),
    evidence,
  };
}

function rankOf({ access, reason }: FileGrant): number {
  if (access !== 'denied') return RANKS.indexOf(access);
  return RANKS.indexOf(reason === 'decision' ? 'denied by decision' : 'denied by guard');
}

/** How many accesses both saw is not known: the greater of the two is what was seen at least, and merging again adds nothing. */
function mergeEvidence(a: Evidence, b: Evidence): Evidence {
  const samples = unite([...a.samples, ...b.samples], (s) => [s.path, s.recording, s.operation, s.program, s.syscall].join('\0'), maximum); // prettier-ignore
  return {
    accesses: Math.max(a.accesses, b.accesses),
    operations: inOrder([...a.operations, ...b.operations], OPERATIONS),
    recordings: sorted([...a.recordings, ...b.recordings]),
    samples: samples.slice(0, SAMPLES),
  };
}

function mergeVariables(a: EnvironmentGrant, b: EnvironmentGrant): EnvironmentGrant {
  const { reason } = maximumBy(a, b, (grant) => [['standard', 'mentioned', 'decision'].indexOf(grant.reason)]);
  return { name: a.name, reason, seenIn: sorted([...a.seenIn, ...b.seenIn]).slice(0, SAMPLES) };
}

function mergeNetworks(a: NetworkPolicy, b: NetworkPolicy): NetworkPolicy {
  const keyOf = (end: NetworkDestination) => `${end.address} ${end.protocol} ${String(end.port).padStart(5, '0')}`;
  const destinations = unite([...a.destinations, ...b.destinations], keyOf, (x, y) => {
    const { side } = maximumBy(x, y, (end) => [['inside', 'host', 'outside'].indexOf(end.side)]);
    return { ...x, names: sorted([...x.names, ...y.names]), side };
  });
  return { mode: a.mode === 'none' ? b.mode : a.mode, destinations };
}

/** The latest of each pattern; of those made at one time, what denies is last, as it then prevails. */
function mergeDecisions(decisions: readonly Decision[]): Decision[] {
  const later = (a: Decision, b: Decision) => maximumBy(a, b, (one) => [one.at, EFFECTS.indexOf(one.effect)]);
  const keyOf = (one: Decision) => `${one.at}\0${EFFECTS.indexOf(one.effect)}\0${one.pattern}`;
  return unite(
    unite(decisions, ({ pattern }) => pattern, later),
    keyOf,
    maximum,
  );
}

function mergePending(a: PendingDecision, b: PendingDecision): PendingDecision {
  const risk = maximumBy(a, b, (one) => [['low', 'medium', 'high'].indexOf(one.risk)]).risk;
  const { kind, pattern, question } = maximumBy(a, b, (one) => [one.kind, one.pattern, one.question]);
  const proposal = unite([...a.proposal, ...b.proposal], ({ path, access, scope }) => `${path}\0${access}\0${scope}`, maximum); // prettier-ignore
  return { id: a.id, kind, pattern, question, risk, proposal, evidence: mergeEvidence(a.evidence, b.evidence) };
}

function latest(a: Policy, b: Policy): Policy {
  const lastOf = (policy: Policy) => sorted(policy.recordings.map(({ id }) => id)).at(-1) ?? '';
  return maximumBy(a, b, (policy) => [lastOf(policy), canonicalText(policy.workload)]);
}

function unite<Item>(items: readonly Item[], keyOf: (item: Item) => string, join: (a: Item, b: Item) => Item): Item[] {
  const found = new Map<string, Item>();
  for (const item of items) {
    const before = found.get(keyOf(item));
    found.set(keyOf(item), join(before ?? item, item));
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}

/** The greater by `keysOf`, the first key first; among equals, by all that they hold. */
function maximumBy<Item>(a: Item, b: Item, keysOf: (item: Item) => readonly (string | number)[]): Item {
  const others = keysOf(b);
  for (const [index, key] of keysOf(a).entries()) if (key !== others[index]) return key > others[index]! ? a : b;
  return maximum(a, b);
}

function maximum<Item>(a: Item, b: Item): Item {
  return canonicalText(a) >= canonicalText(b) ? a : b;
}

function sorted(items: readonly string[]): string[] {
  return [...new Set(items)].sort();
}

function inOrder<Item>(items: readonly Item[], order: readonly Item[]): Item[] {
  return order.filter((item) => items.includes(item));
}
