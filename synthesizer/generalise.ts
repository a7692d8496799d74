/** The tree of needs → grants on real paths: what must be writable first, then what must be readable. Pure. */
import type { Draft, Omission, Question, Rules } from './draft.ts';
import type { NeedTree } from './need.ts';
import { ReadableGrants } from './readable-grants.ts';
import { squeeze } from './squeeze.ts';
import { WritableRoots } from './writable-roots.ts';

export interface Generalised {
  readonly drafts: readonly Draft[];
  readonly questions: readonly Question[];
  readonly omissions: readonly Omission[];
}

export function generalise(tree: NeedTree, rules: Rules): Generalised {
  const writable = new WritableRoots(tree, rules);
  writable.collect();
  const readable = new ReadableGrants(rules, writable);
  readable.collect(tree.root);
  const isTooMuch = (path: string) =>
    rules.isBroad(path) || (rules.decided(path) === undefined && rules.guarded(path, true) !== undefined);
  return {
    drafts: squeeze([...writable.drafts(), ...readable.drafts], tree, isTooMuch),
    questions: [...writable.questions, ...readable.questions],
    omissions: [...writable.omissions, ...readable.omissions],
  };
}
