/** Grants on the way to becoming a policy: on real paths, with the part of the tree that asked for them. Pure. */
import type { DecisionEffect, GrantAccess, GrantReason } from '../src/domain/policy.ts';
import type { Node } from './need.ts';

/** A grant before it gets its evidence and its template. Paths are absolute. */
export interface Draft {
  readonly path: string;
  readonly access: GrantAccess;
  readonly scope: 'file' | 'folder';
  readonly create?: boolean;
  readonly reason: GrantReason;
  readonly note?: string;
  /** With `folder`: only these entries; all others that exist are denied. */
  readonly only?: readonly string[];
  readonly node: Node;
}

/** Something seen that gets no grant by itself. */
export interface Question {
  readonly kind: 'guarded' | 'broad' | 'rename';
  readonly path: string;
  readonly proposal: Draft;
  readonly text: string;
  readonly risk: 'high' | 'medium' | 'low';
}

export interface Omission {
  readonly path: string;
  readonly node: Node;
  readonly why: string;
}

export interface Rules {
  isBroad(path: string): boolean;
  /** What a guarded place is called; undefined where `path` is none. */
  guarded(path: string, change: boolean): { readonly what: string; readonly risk: 'high' | 'medium' } | undefined;
  /** What a person decided for the path; undefined for nothing. */
  decided(path: string): DecisionEffect | undefined;
  readonly tmps: readonly string[];
}

/** Why something is left out that a person decided against. */
export const DECIDED = 'a decision denies it';
