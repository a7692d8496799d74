/** How a replay went. A verdict always carries its reason. */
import type { Operation } from './access.ts';
import type { PolicyFileReference } from './reference.ts';

export type VerdictKind = 'holds' | 'denied' | 'differs' | 'could not run';

export interface Verdict {
  readonly verdict: VerdictKind;
  /** One sentence. */
  readonly reason: string;
  readonly policy: PolicyFileReference;
  /** sha256 of the policy that the backend applied, in its own words; null where it never got that far. */
  readonly policyHash: string | null;
  readonly denials: readonly Denial[];
  readonly effects: readonly Effect[];
  /** null: not known (expected), or it never ended (seen). A fatal signal N counts as 128 + N. */
  readonly exitCode: { readonly expected: number | null; readonly seen: number | null };
  /** Recordings that it was held against. */
  readonly recordings: readonly string[];
  /** What may make the judgement incomplete: unparsed lines and the like. Empty for none. */
  readonly caveats: readonly string[];
}

/** One thing that the enforcement stopped, or swallowed. */
export interface Denial {
  readonly kind: 'file' | 'network' | 'socket' | 'environment' | 'process';
  /** The path, `address:port`, host or variable that was wanted. */
  readonly object: string;
  readonly operation: Operation;
  /** The error that the program saw; null where it was told that all is well, and the effect was lost. */
  readonly errno: string | null;
  readonly program: {
    readonly executable: string;
    readonly argv: readonly string[];
    /** Outermost first, this process last. */
    readonly pids: readonly number[];
  };
  /** The grant that the access ran into, as written in the policy; null where there is none. */
  readonly grant: string | null;
  /** Why, in words: the rule, or the lack of one. */
  readonly because: string;
  /** A decision in the policy asks for it: it does not spoil the verdict. */
  readonly decided: boolean;
  readonly count: number;
}

export interface Effect {
  readonly kind: 'missing' | 'differs' | 'lost' | 'extra';
  readonly path: string;
  readonly expected: string | null;
  readonly seen: string | null;
  /** Whether it spoils the verdict. */
  readonly counts: boolean;
}
