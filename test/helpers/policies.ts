/** Policies of all shapes for properties: canonical, and made of few names so that they meet. */
import fc from 'fast-check';
import type { Operation } from '../../src/domain/access.ts';
import type { Evidence, FileGrant, Policy } from '../../src/domain/policy.ts';
import { mergePolicies } from '../../synthesizer/merge.ts';

const word = fc.constantFrom('a', 'b', 'c', 'd');
const paths = fc.constantFrom('${workspace}', '${workspace}/a', '${home}/b c', '${home}/.ssh', '/data/x', '/data/é', '/opt/$${x}'); // prettier-ignore
const operations = fc.subarray<Operation>(['read', 'write', 'create', 'delete', 'stat']);
const recordings = fc.uniqueArray(word).map((ids) => ids.sort());

const sample = fc.record({ recording: word, operation: fc.constantFrom<Operation>('read', 'create'), path: paths, program: word, syscall: word }); // prettier-ignore
const evidence: fc.Arbitrary<Evidence> = fc.record({ accesses: fc.nat(9), operations, recordings, samples: fc.array(sample, { maxLength: 3 }) }); // prettier-ignore

const grant: fc.Arbitrary<FileGrant> = fc.record(
  {
    path: paths,
    access: fc.constantFrom('read-only', 'read-write', 'denied', 'empty'),
    scope: fc.constantFrom('file', 'folder'),
    create: fc.constant(true),
    only: fc.uniqueArray(word),
    reason: fc.constantFrom('observed', 'folder-change', 'guarded', 'decision', 'temporary'),
    note: word,
    evidence,
  },
  { requiredKeys: ['path', 'access', 'scope', 'reason', 'evidence'] },
);

const pending = fc.record({
  id: word, kind: fc.constantFrom('guarded', 'broad'), pattern: paths, question: word,
  risk: fc.constantFrom('high', 'medium', 'low'), evidence,
  proposal: fc.array(fc.record({ path: paths, access: fc.constant('read-only'), scope: fc.constant('file') } as const), { maxLength: 2 }),
} as const); // prettier-ignore

const destination = fc.record({
  protocol: fc.constantFrom('tcp', 'udp'), address: fc.constantFrom('127.0.0.1', '192.0.2.1'), port: fc.constantFrom(53, 443),
  names: fc.uniqueArray(word), side: fc.constantFrom('inside', 'host', 'outside'),
} as const); // prettier-ignore

const decision = fc.record({
  pattern: paths, effect: fc.constantFrom('allow', 'allow-read', 'deny'), by: word,
  at: fc.constantFrom('2026-01-01T00:00:00.000Z', '2026-01-02T00:00:00.000Z'),
} as const); // prettier-ignore

/** As a person, or another program, may leave it: in any order, with doubles. */
export const anyPolicy: fc.Arbitrary<Policy> = fc.record({
  leastwise: fc.constant(1),
  name: fc.constant('p'),
  flavour: fc.constant('posix'),
  workload: fc.record({ command: fc.array(word, { minLength: 1, maxLength: 2 }), cwd: word }),
  filesystem: fc.array(grant, { maxLength: 6 }),
  environment: fc.array(fc.record({ name: word, reason: fc.constantFrom('standard', 'mentioned', 'decision'), seenIn: fc.uniqueArray(word) } as const), { maxLength: 4 }),
  network: fc.record({ mode: fc.constantFrom('none', 'unsupported'), destinations: fc.array(destination, { maxLength: 3 }) }),
  decisions: fc.array(decision, { maxLength: 4 }),
  pending: fc.array(pending, { maxLength: 3 }),
  leftOut: fc.array(fc.record({ path: paths, operations, why: word }), { maxLength: 3 }),
  recordings: fc.array(fc.record({ id: word, command: fc.array(word, { maxLength: 1 }), status: fc.constantFrom('complete', 'incomplete'), exitCode: fc.constantFrom(0, 1, null) } as const), { maxLength: 3 }),
} as const); // prettier-ignore

export const canonicalPolicy = anyPolicy.map((policy) => mergePolicies(policy, policy));
