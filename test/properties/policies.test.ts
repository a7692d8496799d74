import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyDiff, diffPolicies, isEmptyDiff } from '../../src/domain/diff.ts';
import type { FileGrant, Policy } from '../../src/domain/policy.ts';
import { learnPolicy } from '../../synthesizer/learn.ts';
import { mergePolicies } from '../../synthesizer/merge.ts';
import { goldenCases, readGolden } from '../helpers/golden.ts';
import { anyPolicy, canonicalPolicy } from '../helpers/policies.ts';

const learned = goldenCases().map((name): Policy => {
  const { recording, decisions } = readGolden(name);
  return learnPolicy([recording], { name: 'p', decisions }).policy;
});

describe('the difference of two policies', () => {
  it.each([
    ['canonical', canonicalPolicy],
    ['any', anyPolicy],
    ['learned', fc.constantFrom(...learned)],
  ])('leads from the one to the other (%s)', (_what, policies) => {
    fc.assert(
      fc.property(policies, policies, (a, b) => {
        expect(applyDiff(a, diffPolicies(a, b))).toEqual(b);
        expect(isEmptyDiff(diffPolicies(a, a))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('names what was added, removed and changed', () => {
    const [x, y, z] = ['/x', '/y', '/z'].map(grantOf) as [FileGrant, FileGrant, FileGrant];
    const wider = { ...y, access: 'read-write' } as const;
    const base = learned[0]!;
    const diff = diffPolicies({ ...base, filesystem: [x, y] }, { ...base, filesystem: [wider, z] });
    expect(diff.filesystem).toEqual({ added: [z], removed: [x], changed: [{ before: y, after: wider }] });
    expect(diff.head).toBeUndefined();
  });
});

describe('merging policies', () => {
  it('does not depend on which comes first, nor on how they are grouped', () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, anyPolicy, (a, b, c) => {
        expect(mergePolicies(a, b)).toEqual(mergePolicies(b, a));
        expect(mergePolicies(mergePolicies(a, b), c)).toEqual(mergePolicies(a, mergePolicies(b, c)));
      }),
      { numRuns: 500 },
    );
  });

  it('adds nothing to itself', () => {
    fc.assert(
      fc.property(canonicalPolicy, (a) => {
        expect(mergePolicies(a, a)).toEqual(a);
      }),
    );
  });

  it.each(learned.map((policy, index) => [goldenCases()[index]!, policy]))(
    'leaves a learned policy as it is: %s',
    (_name, policy) => {
      expect(JSON.stringify(mergePolicies(policy, policy))).toBe(JSON.stringify(policy));
    },
  );

  it.each<[FileGrant['access'], FileGrant['reason'], FileGrant['access'], FileGrant['reason'], FileGrant['access']]>([
    ['read-only', 'observed', 'read-write', 'observed', 'read-write'],
    ['empty', 'presence', 'read-only', 'observed', 'read-only'],
    ['denied', 'guarded', 'denied', 'guarded', 'denied'],
    ['denied', 'guarded', 'read-only', 'decision', 'read-only'],
    ['denied', 'decision', 'read-write', 'observed', 'denied'],
  ])('of %s (%s) and %s (%s) makes %s', (access, reason, otherAccess, otherReason, expected) => {
    const one = { ...learned[0]!, filesystem: [{ ...grantOf('/x'), access, reason }] };
    const other = { ...learned[0]!, filesystem: [{ ...grantOf('/x'), access: otherAccess, reason: otherReason }] };
    expect(mergePolicies(one, other).filesystem.map((grant) => grant.access)).toEqual([expected]);
  });

  it('asks no more about what either has decided', () => {
    const asked = learned.find((policy) => policy.pending.length > 0)!;
    const { pattern } = asked.pending[0]!;
    const decision = { pattern, effect: 'deny', by: 'u', at: '2026-01-01T00:00:00.000Z' } as const;
    const merged = mergePolicies(asked, { ...asked, decisions: [decision] });
    expect(merged.pending.map((pending) => pending.pattern)).not.toContain(pattern);
  });

  it('is refused for policies of two workloads', () => {
    expect(() => mergePolicies(learned[0]!, { ...learned[0]!, name: 'other' })).toThrow('cannot merge');
  });
});

function grantOf(path: string): FileGrant {
  const evidence = { accesses: 0, operations: [], recordings: [], samples: [] };
  return { path, access: 'read-only', scope: 'file', reason: 'observed', evidence };
}
