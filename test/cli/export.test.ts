import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FileGrant, Policy } from '../../src/domain/policy.ts';
import { policyText } from '../../src/policy-file.ts';
import { findLxcExec } from '../../src/sandbox/find-lxc-exec.ts';
import { learnPolicy } from '../../synthesizer/learn.ts';
import { goldenCases, readGolden } from '../helpers/golden.ts';
import { CLI } from '../helpers/record.ts';

const NAMES = ['plain', 'line\nbreak', 'a "quote" \\ and \'', 'é\u202egnp', '\u001b[31mred', '${home}', '-rf', 'x'.repeat(200)]; // prettier-ignore

let folder = '';
beforeAll(() => {
  folder = mkdtempSync('/var/tmp/leastwise-export-');
  for (const name of NAMES) {
    mkdirSync(join(folder, 'd', name), { recursive: true });
    writeFileSync(join(folder, 'd', name, 'file'), 'x');
    symlinkSync(`../d/${name}/file`, join(folder, 'd', `to-${NAMES.indexOf(name)}`));
  }
  symlinkSync('d', join(folder, 'folder-link'));
  symlinkSync('nowhere', join(folder, 'dangling'));
  symlinkSync('loop', join(folder, 'loop'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Exports with leastwise itself, and has MXC read the result. */
function expectAccepted(policy: Policy, home: string): void {
  const [file, request] = [join(folder, 'policy.json'), join(folder, 'request.json')];
  writeFileSync(file, policyText(policy));
  const args = ['export', file, '--to', 'mxc', '-o', request, '--workspace', folder];
  const exported = spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', env: { ...process.env, HOME: home } }); // prettier-ignore
  expect(exported.status, exported.stderr).toBe(0);
  const read = spawnSync(findLxcExec(), ['--dry-run', request], { encoding: 'utf8' });
  expect(read.status, `${read.stdout}${read.stderr}`).toBe(0);
}

describe('a request for MXC', () => {
  it.each(goldenCases())('is accepted: %s', (name) => {
    const { recording, decisions } = readGolden(name);
    expectAccepted(learnPolicy([recording], { name, decisions }).policy, '/nonexistent');
  });

  it('is accepted for any grants, of what is there and what is not', () => {
    const base = learnPolicy([readGolden('read-one-file').recording], { name: 'p', decisions: [] }).policy;
    const escaped = NAMES.map((name) => name.replaceAll('${', '$${'));
    const below = fc.constantFrom(...escaped.flatMap((name) => [`d/${name}`, `d/${name}/file`, `d/${name}/gone`]));
    const link = fc.constantFrom('dangling', 'loop', 'folder-link', 'folder-link/plain/file', 'd/to-0', 'd/to-3', 'd');
    const path = fc.oneof(
      fc.tuple(fc.constantFrom('${workspace}', '${home}', '${tmp}', '/nonexistent'), fc.oneof(below, link)).map(([root, rest]) => `${root}/${rest}`),
      fc.constantFrom('${workspace}', '${home}', '${tmp}', '/', '/etc', '/usr/bin/sh', '/proc/self', '/dev/null', '/root'),
    ); // prettier-ignore
    const grant = fc.record(
      {
        path,
        access: fc.constantFrom<FileGrant['access']>('read-only', 'read-write', 'denied', 'empty'),
        scope: fc.constantFrom<FileGrant['scope']>('file', 'folder'),
        create: fc.boolean(),
        only: fc.subarray(['plain', 'd', 'nothing']),
        reason: fc.constant<FileGrant['reason']>('observed'),
        evidence: fc.constant({ accesses: 1, operations: [], recordings: [], samples: [] }),
      },
      { requiredKeys: ['path', 'access', 'scope', 'reason', 'evidence'] },
    );
    const grants = fc.uniqueArray(grant, { selector: (one) => one.path, maxLength: 12 });
    fc.assert(
      fc.property(grants, fc.constantFrom('/nonexistent', '', '/var/tmp'), (filesystem, home) => {
        expectAccepted({ ...base, filesystem }, home || folder);
      }),
      { numRuns: 15 },
    );
  });
});
