/** Decisions from flags, added to those that a policy already keeps. */
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { LeastwiseError } from '../domain/errors.ts';
import { displayText } from '../domain/path.ts';
import type { Decision, DecisionEffect } from '../domain/policy.ts';
import { readPolicy } from '../policy-file.ts';

export interface DecisionFlags {
  readonly allow?: readonly string[];
  readonly allowRead?: readonly string[];
  readonly deny?: readonly string[];
  readonly why?: string;
  readonly output?: string;
}

/** Those of the policy at `--output`, if it is there, then those of the flags; the same one given again changes nothing. */
export function gatherDecisions(flags: DecisionFlags, now: Date): Decision[] {
  const kept = flags.output !== undefined && existsSync(flags.output) ? readPolicy(flags.output).policy.decisions : [];
  const given = [
    ...decisionsOf(flags.allow, 'allow', flags.why, now),
    ...decisionsOf(flags.allowRead, 'allow-read', flags.why, now),
    ...decisionsOf(flags.deny, 'deny', flags.why, now),
  ];
  const isKnown = (next: Decision) => kept.some((old) => old.pattern === next.pattern && old.effect === next.effect);
  const fresh = given.filter((next) => !isKnown(next));
  const replaced = new Set(fresh.map((next) => next.pattern));
  return [...kept.filter((old) => !replaced.has(old.pattern)), ...fresh];
}

function decisionsOf(
  patterns: readonly string[] | undefined,
  effect: DecisionEffect,
  why: string | undefined,
  now: Date,
): Decision[] {
  return (patterns ?? []).map((given) => {
    const pattern = given.length > 1 ? given.replace(/\/+$/, '') : given;
    if (!/^(?:\/|\$\{(?:workspace|home|tmp)\}|~\/|env:.)/.test(pattern)) throw badPattern(given, effect);
    return { pattern, effect, by: userInfo().username, at: now.toISOString(), ...(why === undefined ? {} : { why }) };
  });
}

function badPattern(pattern: string, effect: DecisionEffect): LeastwiseError {
  return new LeastwiseError(
    'usage',
    `--${effect} ${displayText(pattern)}: a pattern begins with /, ~/, \${workspace}, \${home}, \${tmp}, or env: for a variable`,
    'In a shell, put it in single quotes.',
  );
}
