import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Access, Operation } from '../../src/domain/access.ts';
import { coverageOf } from '../../synthesizer/coverage.ts';
import { guardedPlaceOf } from '../../synthesizer/guard.ts';
import { learnPolicy } from '../../synthesizer/learn.ts';
import { fromTemplate, toTemplate } from '../../synthesizer/template.ts';
import { compileMxc, type CompiledPolicy } from '../../synthesizer/targets/mxc.ts';
import { access, machineWith, PLACES, recordingOf } from '../helpers/recordings.ts';

const ROOTS = [
  '/w/app',
  '/home/u',
  '/home/u/.config',
  '/data',
  '/opt/tool',
  '/usr/share',
  '/tmp',
  '/etc',
  '/home/u/.ssh',
];
const NAMES = ['a', 'b', 'c', 'lib', '.env', '.ssh', 'id_rsa', 'x y', 'é'];

const path = fc
  .tuple(fc.constantFrom(...ROOTS), fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 4 }))
  .map(([root, names]) => [root, ...names].join('/'));

const one = fc
  .tuple(fc.constantFrom<Operation>('read', 'write', 'create', 'delete', 'list', 'stat', 'execute', 'metadata'), path)
  .map(([operation, at]) => access(operation, at, operation === 'list' ? { type: 'folder' } : {}));

const rename = fc.tuple(path, path).map(([from, to]) => access('rename', from, { to }));
const some = fc.array(fc.oneof({ weight: 6, arbitrary: one }, { weight: 1, arbitrary: rename }), { maxLength: 25 });

function compile(accesses: readonly Access[]): {
  compiled: CompiledPolicy;
  pending: readonly string[];
  leftOut: readonly string[];
} {
  const { policy } = learnPolicy([recordingOf('r1', accesses)], { name: 'p', decisions: [] });
  const files = accesses.flatMap(({ object }) =>
    object.kind === 'path' ? [object.path] : object.kind === 'pair' ? [object.from.path, object.to.path] : [],
  );
  const folders = accesses.flatMap(({ object }) =>
    object.kind === 'path' && object.type === 'folder' ? [`${object.path}/`] : [],
  );
  const launch = { command: ['/bin/true'], cwd: PLACES.workspace, environment: {} };
  const compiled = compileMxc(policy, launch, machineWith([...files, ...folders]));
  const absolute = (template: string) => fromTemplate(template, PLACES)!;
  return {
    compiled,
    pending: policy.pending.map(({ pattern }) => absolute(pattern)),
    leftOut: policy.leftOut.map(({ path }) => absolute(path)),
  };
}

describe('learning', () => {
  it('allows every access that it was learned from, or says that it does not', () => {
    fc.assert(
      fc.property(some, (accesses) => {
        const { compiled, pending, leftOut } = compile(accesses);
        const coverage = coverageOf(compiled);
        const said = (at: string) =>
          [...pending, ...leftOut].some((place) => at === place || at.startsWith(`${place}/`));
        for (const { object, operation } of accesses) {
          // One that the run made itself is guarded all the same once it is there.
          if (object.kind !== 'path' || said(object.path) || guardedPlaceOf(object.path, true)) continue;
          const { visibility } = coverage(object.path);
          if (operation === 'read' || operation === 'execute')
            expect(visibility, object.path).not.toMatch(/absent|denied/);
          if (operation === 'create' || operation === 'delete')
            expect(visibility, object.path).toMatch(/read-write|private/);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('never opens a guarded place, nor a broad folder', () => {
    fc.assert(
      fc.property(some, (accesses) => {
        const { compiled } = compile(accesses);
        const coverage = coverageOf(compiled);
        for (const { object } of accesses) {
          if (object.kind !== 'path' || guardedPlaceOf(object.path, false) === undefined) continue;
          // What MXC gives to everyone, and what the run made itself, is nobody's secret.
          const born = accesses.some((other) => other.operation === 'create' || other.operation === 'rename');
          if (!born) expect(coverage(object.path).visibility, object.path).not.toMatch(/read-/);
        }
        for (const broad of ['/', '/home', '/home/u', '/etc', '/w', '/opt', '/home/u/.config']) {
          expect(compiled.grants.get(broad)?.access ?? 'empty').toBe('empty');
        }
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order of accesses', () => {
    const learn = (accesses: readonly Access[]) =>
      JSON.stringify(learnPolicy([recordingOf('r1', accesses)], { name: 'p', decisions: [] }).policy);
    fc.assert(
      fc.property(
        some.chain((accesses) =>
          fc.tuple(fc.constant(accesses), fc.shuffledSubarray(accesses, { minLength: accesses.length })),
        ),
        ([accesses, shuffled]) => {
          expect(learn(shuffled)).toBe(learn(accesses));
        },
      ),
    );
  });
});

describe('templates', () => {
  it('come back as the path that they were made of', () => {
    const odd = fc.tuple(fc.constantFrom(...ROOTS), fc.string()).map(([root, rest]) => `${root}/${rest}`);
    fc.assert(
      fc.property(odd, (at) => {
        expect(fromTemplate(toTemplate(at, PLACES), PLACES)).toBe(at);
      }),
    );
  });
});
