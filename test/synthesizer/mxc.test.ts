import { describe, expect, it } from 'vitest';
import type { FileGrant, Policy } from '../../src/domain/policy.ts';
import { coverageOf } from '../../synthesizer/coverage.ts';
import { learnPolicy } from '../../synthesizer/learn.ts';
import { compileMxc, type Launch } from '../../synthesizer/targets/mxc.ts';
import { access, machineWith, PLACES, recordingOf } from '../helpers/recordings.ts';

const LAUNCH: Launch = { command: ['/bin/true'], cwd: PLACES.workspace, environment: {} };

function policyWith(...filesystem: Partial<FileGrant>[]): Policy {
  const base = learnPolicy([recordingOf('r1', [])], { name: 'test', decisions: [] }).policy;
  const evidence = { accesses: 0, operations: [], recordings: [], samples: [] };
  return {
    ...base,
    filesystem: filesystem.map((grant) => ({
      path: '/x',
      access: 'read-only',
      scope: 'file',
      reason: 'observed',
      evidence,
      ...grant,
    })),
  };
}

describe('compiling for MXC', () => {
  it('puts grants where they belong on this machine', () => {
    const policy = policyWith(
      { path: '${workspace}', access: 'read-write', scope: 'folder' },
      { path: '${home}/a' },
      { path: '/gone' },
      { path: '/data/e', access: 'empty', scope: 'folder' },
    );
    const compiled = compileMxc(policy, LAUNCH, machineWith(['/w/app/x', '/home/u/a', '/data/e/']));
    expect(compiled.request.filesystem).toEqual({
      readonlyPaths: ['/home/u/a'],
      readwritePaths: ['/w/app'],
      deniedPaths: ['/data/e'],
    });
    expect(compiled.skipped).toMatchObject([{ path: '/gone' }]);
  });

  it('masks guarded places within grants, and keeps start-up files readable', () => {
    const policy = policyWith({ path: '${workspace}', access: 'read-write', scope: 'folder' });
    const machine = machineWith([
      '/w/app/.env',
      '/w/app/.env.example',
      '/w/app/sub/.ssh/id',
      '/w/app/.git/hooks/pre-push',
      '/w/app/src/a',
    ]);
    const { filesystem } = compileMxc(policy, LAUNCH, machine).request;
    expect(filesystem.deniedPaths).toEqual(['/w/app/.env', '/w/app/sub/.ssh']);
    expect(filesystem.readonlyPaths).toEqual(['/w/app/.git/hooks']);
  });

  it('does not mask what a decision allows', () => {
    const decisions = [{ pattern: '${workspace}/.env', effect: 'allow', by: 'me', at: '' }] as const;
    const policy = { ...policyWith({ path: '${workspace}', access: 'read-write', scope: 'folder' }), decisions };
    expect(compileMxc(policy, LAUNCH, machineWith(['/w/app/.env'])).request.filesystem.deniedPaths).toEqual([]);
  });

  it('denies the other entries of a folder that is granted for a few', () => {
    const policy = policyWith({ path: '${home}', access: 'read-write', scope: 'folder', only: ['.state'] });
    const { filesystem } = compileMxc(
      policy,
      LAUNCH,
      machineWith(['/home/u/.state', '/home/u/private/x', '/w/app/']),
    ).request;
    expect(filesystem.deniedPaths).toContain('/home/u/private');
    expect(filesystem.deniedPaths).not.toContain('/home/u/.state');
  });

  it('gives the working folder a place where nothing of it is granted', () => {
    expect(compileMxc(policyWith(), LAUNCH, machineWith(['/w/app/'])).request.filesystem.deniedPaths).toEqual([
      '/w/app',
    ]);
  });

  it('quotes every argument, and passes named variables only', () => {
    const policy = { ...policyWith(), environment: [{ name: 'A', reason: 'standard' as const, seenIn: [] }] };
    const launch = { ...LAUNCH, command: ['/bin/echo', "it's; $HOME", 'a b\n'], environment: { A: '1', B: '2' } };
    const { process } = compileMxc(policy, launch, machineWith(['/w/app/'])).request;
    expect(process.commandLine).toBe("exec /bin/echo 'it'\\''s; $HOME' 'a b\n'");
    expect(process.env).toEqual(['A=1', 'PATH=/usr/local/bin:/usr/bin:/bin']);
  });

  it('refuses what MXC cannot take', () => {
    const machine = machineWith(['/w/app/']);
    expect(() => compileMxc(policyWith(), { ...LAUNCH, command: ['/bin/echo', '\udcff'] }, machine)).toThrow(
      'not UTF-8',
    );
    expect(() => compileMxc(policyWith(), { ...LAUNCH, command: ['/bin/echo', 'x'.repeat(140_000)] }, machine)).toThrow(
      'longer',
    );
    expect(() => compileMxc(policyWith({ path: '${nope}/x' }), LAUNCH, machine)).toThrow('unknown variable');
  });
});

describe('coverage', () => {
  it('finds the most specific mount', () => {
    const policy = policyWith(
      { path: '${workspace}', access: 'read-only', scope: 'folder' },
      { path: '${workspace}/out', access: 'read-write', scope: 'folder' },
    );
    const coverage = coverageOf(compileMxc(policy, LAUNCH, machineWith(['/w/app/.env', '/w/app/out/f'])));
    const at = (path: string) => `${coverage(path).visibility} ${coverage(path).grant}`;
    expect(at('/w/app/src/a')).toBe('read-only ${workspace}');
    expect(at('/w/app/out/f')).toBe('read-write ${workspace}/out');
    expect(at('/w/app/.env')).toBe('denied null');
    expect(at('/usr/bin/env')).toBe('baseline null');
    expect(at('/tmp/x')).toBe('private null');
    expect(at('/home/u')).toBe('absent null');
  });
});

describe('a learned policy', () => {
  it('covers what was seen, link and all, on the machine it was seen on', () => {
    const accesses = [
      access('create', '/w/app/out/f'),
      access('read', '/w/app/src/a'),
      access('execute', '/opt/t/bin/tool'),
    ];
    const { policy } = learnPolicy([recordingOf('r1', accesses)], { name: 'test', decisions: [] });
    const coverage = coverageOf(
      compileMxc(policy, LAUNCH, machineWith(['/w/app/out/', '/w/app/src/a', '/opt/t/bin/tool'])),
    );
    expect(coverage('/w/app/out/f').visibility).toBe('read-write');
    expect(coverage('/w/app/src/a').visibility).toBe('read-only');
    expect(coverage('/opt/t/bin/tool').visibility).toBe('read-only');
  });
});
