/** Which paths are guarded: never granted without a decision. Pure; the places themselves are data. */
import guarded from '../policies/guarded.json' with { type: 'json' };

export interface GuardedPlace {
  readonly id: string;
  readonly risk: 'high' | 'medium';
  readonly what: string;
  /** Only changing it is guarded, reading it is not. */
  readonly writeOnly: boolean;
}

interface Matcher {
  readonly place: GuardedPlace;
  readonly match: RegExp;
  readonly except: RegExp | undefined;
}

/** The guarded place that `path` (absolute, not a template) lies in; undefined where it is none. */
export function guardedPlaceOf(path: string, change: boolean): GuardedPlace | undefined {
  if (!MAYBE.test(path)) return undefined;
  for (const { place, match, except } of MATCHERS) {
    if (place.writeOnly && !change) continue;
    if (match.test(path) && !except?.test(path)) return place;
  }
  return undefined;
}

/** A pattern with `*`, `**`, `?` and, at the start, `~/` for any folder, as a regular expression for whole paths. */
export function patternToSource(pattern: string): string {
  const anywhere = pattern.startsWith('~/');
  const rest = anywhere ? pattern.slice(1) : pattern;
  const body = rest.replace(/\*\*|\*|\?|[^*?]+/g, (token) => WILDCARDS[token] ?? escapeSource(token));
  return anywhere ? `(?:/.*)?${body}` : body;
}

export function escapeSource(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

const WILDCARDS: Readonly<Record<string, string>> = { '**': '.*', '*': '[^/]*', '?': '[^/]' };

const MATCHERS: readonly Matcher[] = guarded.places.map((entry) => ({
  place: {
    id: entry.id,
    risk: entry.risk as GuardedPlace['risk'],
    what: entry.what,
    writeOnly: entry.writeOnly === true,
  },
  match: wholePath(entry.patterns.filter((pattern) => !pattern.startsWith('!')))!,
  except: wholePath(entry.patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))),
}));

// What lies below a guarded place is guarded with it. Every one has a dotted name in it, or lies in a system folder, or has one of a few names: the quick test.
const MAYBE = /\/[._]|^\/(?:etc|run|var|tmp)\/|\/id_(?:rsa|ed25519|ecdsa)\b|\.kdbx\b|\/snap\//s;

function wholePath(patterns: readonly string[]): RegExp | undefined {
  if (patterns.length === 0) return undefined;
  return new RegExp(`^(?:${patterns.map(patternToSource).join('|')})(?:/.*)?$`, 's');
}
