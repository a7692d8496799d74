/** What two policies differ in, in the policy's own terms, and the way from the one to the other. Pure. */
import { isSame } from './canonical.ts';
import type {
  Decision,
  EnvironmentGrant,
  FileGrant,
  LeftOut,
  NetworkDestination,
  NetworkPolicy,
  PendingDecision,
  Policy,
  RecordingReference,
} from './policy.ts';

export interface Change<Item> {
  readonly before: Item;
  readonly after: Item;
}

/** Items of one list, told apart by their key; each part in the order of the list it comes from. */
export interface ListDiff<Item> {
  readonly added: readonly Item[];
  readonly removed: readonly Item[];
  readonly changed: readonly Change<Item>[];
  /** Keys in their order afterwards, where that does not follow from the rest; undefined for a list in key order. */
  readonly order?: readonly string[];
}

/** What else the document says; undefined for no difference. */
export type HeadDiff = Change<Omit<Policy, keyof typeof KEYS>>;

export interface PolicyDiff {
  readonly filesystem: ListDiff<FileGrant>;
  readonly environment: ListDiff<EnvironmentGrant>;
  readonly network: ListDiff<NetworkDestination> & { readonly mode?: Change<NetworkPolicy['mode']> };
  readonly decisions: ListDiff<Decision>;
  readonly pending: ListDiff<PendingDecision>;
  readonly leftOut: ListDiff<LeftOut>;
  readonly recordings: ListDiff<RecordingReference>;
  readonly head?: HeadDiff;
}

export function diffPolicies(a: Policy, b: Policy): PolicyDiff {
  const before = headOf(a);
  const after = headOf(b);
  const mode = a.network.mode === b.network.mode ? {} : { mode: { before: a.network.mode, after: b.network.mode } };
  return {
    filesystem: diffLists(a.filesystem, b.filesystem, KEYS.filesystem),
    environment: diffLists(a.environment, b.environment, KEYS.environment),
    network: { ...diffLists(a.network.destinations, b.network.destinations, KEYS.network), ...mode },
    decisions: diffLists(a.decisions, b.decisions, KEYS.decisions),
    pending: diffLists(a.pending, b.pending, KEYS.pending),
    leftOut: diffLists(a.leftOut, b.leftOut, KEYS.leftOut),
    recordings: diffLists(a.recordings, b.recordings, KEYS.recordings),
    ...(isSame(before, after) ? {} : { head: { before, after } }),
  };
}

/** `applyDiff(a, diffPolicies(a, b))` is `b`, whatever the two are. */
export function applyDiff(a: Policy, diff: PolicyDiff): Policy {
  return {
    ...(diff.head?.after ?? headOf(a)),
    filesystem: applyList(a.filesystem, diff.filesystem, KEYS.filesystem),
    environment: applyList(a.environment, diff.environment, KEYS.environment),
    network: {
      mode: diff.network.mode?.after ?? a.network.mode,
      destinations: applyList(a.network.destinations, diff.network, KEYS.network),
    },
    decisions: applyList(a.decisions, diff.decisions, KEYS.decisions),
    pending: applyList(a.pending, diff.pending, KEYS.pending),
    leftOut: applyList(a.leftOut, diff.leftOut, KEYS.leftOut),
    recordings: applyList(a.recordings, diff.recordings, KEYS.recordings),
  };
}

/** Whether two policies say the same. */
export function isEmptyDiff(diff: PolicyDiff): boolean {
  const { head, network, ...lists } = diff;
  const all: readonly ListDiff<unknown>[] = [network, ...Object.values(lists)];
  const isEmpty = (list: ListDiff<unknown>) =>
    list.added.length + list.removed.length + list.changed.length === 0 && list.order === undefined;
  return head === undefined && network.mode === undefined && all.every(isEmpty);
}

/** What makes two items of a list the same one. `\0` stands in none of the texts. */
const KEYS = {
  filesystem: (grant: FileGrant) => grant.path,
  environment: (grant: EnvironmentGrant) => grant.name,
  network: (end: NetworkDestination) => `${end.address}\0${end.protocol}\0${String(end.port).padStart(5, '0')}`,
  decisions: (decision: Decision) => decision.pattern,
  pending: (pending: PendingDecision) => pending.id,
  leftOut: (entry: LeftOut) => `${entry.path}\0${entry.why}`,
  recordings: (recording: RecordingReference) => recording.id,
};

function headOf(policy: Policy): HeadDiff['before'] {
  const { filesystem: _f, environment: _e, network: _n, decisions: _d, pending: _p, ...rest } = policy;
  const { leftOut: _l, recordings: _r, ...head } = rest;
  return head;
}

function diffLists<Item>(a: readonly Item[], b: readonly Item[], keyOf: (item: Item) => string): ListDiff<Item> {
  const before = byKey(a, keyOf);
  const after = byKey(b, keyOf);
  const hasDoubles = before.size < a.length || after.size < b.length;
  // Only a document made by hand has doubles: its list is replaced whole.
  if (hasDoubles) return isSame(a, b) ? NOTHING : { added: b, removed: a, changed: [], order: b.map(keyOf) };
  const added = b.filter((item) => !before.has(keyOf(item)));
  const removed = a.filter((item) => !after.has(keyOf(item)));
  const changed = b.flatMap((item) => {
    const old = before.get(keyOf(item));
    return old === undefined || isSame(old, item) ? [] : [{ before: old, after: item }];
  });
  const diff = { added, removed, changed };
  return isSame(applyList(a, diff, keyOf), b) ? diff : { ...diff, order: b.map(keyOf) };
}

const NOTHING = { added: [], removed: [], changed: [] } as const;

function applyList<Item>(list: readonly Item[], diff: ListDiff<Item>, keyOf: (item: Item) => string): Item[] {
  if (diff.order?.length === diff.added.length) return [...diff.added];
  const gone = new Set(diff.removed.map(keyOf));
  const changed = byKey(diff.changed.map(({ after }) => after), keyOf); // prettier-ignore
  const kept = list.filter((item) => !gone.has(keyOf(item))).map((item) => changed.get(keyOf(item)) ?? item);
  const items = [...kept, ...diff.added];
  if (diff.order !== undefined) {
    const place = new Map(diff.order.map((key, index) => [key, index]));
    return items.sort((x, y) => (place.get(keyOf(x)) ?? 0) - (place.get(keyOf(y)) ?? 0));
  }
  return diff.added.length === 0 ? items : items.sort((x, y) => (keyOf(x) < keyOf(y) ? -1 : 1));
}

function byKey<Item>(list: readonly Item[], keyOf: (item: Item) => string): Map<string, Item> {
  return new Map(list.map((item) => [keyOf(item), item]));
}
