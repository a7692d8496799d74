/** What people decided, and how it meets a path. Pure. */
import type { Decision, DecisionEffect } from '../src/domain/policy.ts';
import { escapeSource, guardedPlaceOf, patternToSource } from './guard.ts';
import { fromTemplate, type Variables } from './template.ts';

export interface Decisions {
  /**
   * The effect of the latest decision whose pattern fits the absolute path; undefined for none. One that allows a
   * folder does not allow what is guarded below it: only a pattern that names a guarded place itself does.
   */
  forPath(path: string): DecisionEffect | undefined;
  forVariable(name: string): 'allow' | 'deny' | undefined;
  /** Whether any decision was made for exactly this pattern. */
  hasPattern(pattern: string): boolean;
}

/** A pattern is absolute, or a template; a folder's pattern fits all below it. */
export function compileDecisions(decisions: readonly Decision[], variables: Variables): Decisions {
  const rules = decisions.map((decision) => ({
    ...decision,
    match: patternMatcher(decision.pattern, variables),
    reachesGuarded: decision.effect === 'deny' || namesGuarded(decision.pattern, variables),
  }));
  const latest = [...rules].reverse();
  return {
    forPath: (path) => {
      const fits = latest.filter((rule) => rule.match?.test(path));
      if (fits.length === 0 || fits[0]!.reachesGuarded || guardedPlaceOf(path, true) === undefined)
        return fits[0]?.effect;
      return fits.find((rule) => rule.reachesGuarded)?.effect;
    },
    forVariable: (name) => {
      const effect = latest.find((rule) => rule.pattern === `env:${name}`)?.effect;
      return effect === undefined ? undefined : effect === 'deny' ? 'deny' : 'allow';
    },
    hasPattern: (pattern) => rules.some((rule) => rule.pattern === pattern),
  };
}

/** What to write after `--allow` for exactly this template: what would be a wildcard in it is escaped. */
export function patternOfTemplate(template: string): string {
  return template.replace(/[*?]/g, '[$&]');
}

/** `~/` is the home of whoever runs it, as in a shell; in the data of guarded places it is any folder. */
function patternMatcher(pattern: string, variables: Variables): RegExp | undefined {
  if (pattern.startsWith('env:')) return undefined;
  const rooted = pattern.startsWith('~/') ? `\${home}${pattern.slice(1)}` : pattern;
  const tokens = rooted.replace(/\/+$/, '').match(TOKENS) ?? [];
  const source = tokens.map((token) => {
    if (token.startsWith('$') && token.length > 2) return escapeSource(fromTemplate(token, variables) ?? token);
    return isEscaped(token) ? escapeSource(token[1]!) : patternToSource(token);
  });
  return new RegExp(`^${source.join('')}(?:/.*)?$`, 's');
}

/** A doubled `$${`, a variable, a wildcard that is none (`[*]`, `[?]`), or text with wildcards. */
const TOKENS = /\$\$\{|\$\{[a-z]+\}|\[[*?]\]|[^$[]+|[$[]/gs;

function isEscaped(token: string): boolean {
  return token.length === 3 && token.startsWith('[') && token.endsWith(']');
}

/** Whether whatever the pattern fits is guarded: told by a path that it fits. */
function namesGuarded(pattern: string, variables: Variables): boolean {
  const bare = pattern
    .replace(/^~\//, '${home}/')
    .replace(/\[([*?])\]/g, 'x')
    .replaceAll('?', 'x')
    .replace(/\*+/g, 'x');
  const path = fromTemplate(bare, variables);
  return path !== undefined && guardedPlaceOf(path, true) !== undefined;
}
