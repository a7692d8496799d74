import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markerOf, shellLine } from '../../src/sandbox/command-line.ts';
import { viewAfter } from '../../src/sandbox/final-view.ts';
import { findLxcExec } from '../../src/sandbox/find-lxc-exec.ts';
import { foldersMountedBelow } from '../../src/sandbox/mounts.ts';
import { readMxcLog } from '../../src/sandbox/mxc-log.ts';
import { mayMount } from '../../src/sandbox/privileges.ts';

describe('shellLine', () => {
  it('hands every argument on as it is', () => {
    const argument = fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').toWellFormed());
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 5 }), fc.boolean(), (args, unblock) => {
        const line = shellLine({ command: ['printf', '%s\\0', '', ...args], nonce: 'n0', unblock });
        expect(line.startsWith(markerOf('n0'))).toBe(true);
        const out = execFileSync('sh', ['-c', line], { encoding: 'utf8' });
        expect(out).toBe(['', ...args].map((text) => `${text}\0`).join(''));
      }),
      { numRuns: 40 },
    );
  });

  it('refuses what MXC would cut or misread', () => {
    expect(() => shellLine({ command: ['x'.repeat(131_072)], nonce: 'n', unblock: false })).toThrow('too long');
    expect(() => shellLine({ command: ['a\0b'], nonce: 'n', unblock: false })).toThrow('NUL');
  });
});

describe('readMxcLog', () => {
  it('reads lines that come in pieces', () => {
    const text = '[1795462060] Exit code: [1795462060] -[1795462060] 1\n[1795462060] {"event":"mxc.PolicyHash","policy_hash":"sha256:ab"}\n[1795462060] Error: [1795462060] no [1795462060] way\n'; // prettier-ignore
    expect(readMxcLog(text)).toEqual({
      policyHash: 'sha256:ab',
      refused: null,
      backendError: 'no way',
      spawned: false,
    });
  });

  it('tells a refusal', () => {
    const text = '[1795462060] Configuration parse error: [1795462060] Invalid one-shot request: unknown field `x`';
    expect(readMxcLog(text).refused).toBe('unknown field `x`');
  });
});

describe('foldersMountedBelow', () => {
  it('unescapes and keeps to folders below', () => {
    const line = (point: string): string => `1 2 3:4 / ${point} rw - ext4 /dev/x rw`;
    expect(foldersMountedBelow('/', [line('/proc'), line('/no\\040such'), line('/')].join('\n'))).toEqual(['/proc']);
    expect(foldersMountedBelow('/pro', line('/proc'))).toEqual([]);
  });
});

describe('mayMount', () => {
  it.each([
    ['CapEff:\t000001ffffffffff', true],
    ['CapEff:\t00000000a80425fb', false],
    ['CapEff:\t0000000000000000', false],
    ['', false],
  ])('%s', (status, expected) => {
    expect(mayMount(status)).toBe(expected);
  });
});

describe('findLxcExec', () => {
  it('finds the package, and names where it looked', () => {
    expect(findLxcExec({})).toMatch(/lxc-exec$/);
    expect(() => findLxcExec({ MXC_BIN_DIR: '/no/such' })).toThrow('/no/such/lxc-exec');
  });
});

describe('viewAfter', () => {
  const before = {
    typeOf: (path: string) => (path.includes('new') ? undefined : ('file' as const)),
    list: () => ['old', 'kept'],
  };
  const view = viewAfter(
    [
      { kind: 'deleted', path: '/w/old', type: 'folder', source: null },
      { kind: 'created', path: '/w/new', type: 'link', source: '/u/new' },
    ],
    before,
  );
  it('sees what was made, and neither what was deleted nor what lay below it', () => {
    expect(view.typeOf('/w/new')).toBe('link');
    expect(view.typeOf('/w/old')).toBeUndefined();
    expect(view.typeOf('/w/old/x')).toBeUndefined();
    expect(view.typeOf('/w/kept')).toBe('file');
    expect(view.list('/w')).toEqual(['kept', 'new']);
  });
});
