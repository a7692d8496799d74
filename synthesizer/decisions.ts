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

function patternMatcher(pattern: string, variables: Variables): RegExp | undefined {
  if (pattern.startsWith('env:')) return undefined;
  const parts = pattern.replace(/\/+$/, '').split(/(\$\{[a-z]+\})/);
  const source = parts.map((part, index) => {
    const value = index % 2 === 1 ? fromTemplate(part, variables) : undefined;
    return value === undefined ? patternToSource(part) : escapeSource(value);
  });
  return new RegExp(`^${source.join('')}(?:/.*)?$`, 's');
}

/** Whether whatever the pattern fits is guarded: told by a path that it fits. */
function namesGuarded(pattern: string, variables: Variables): boolean {
  const bare = pattern.replace(/^~\//, '${home}/').replaceAll('?', 'x').replace(/\*+/g, 'x');
  const path = fromTemplate(bare, variables);
  return path !== undefined && guardedPlaceOf(path, true) !== undefined;
}
