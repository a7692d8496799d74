import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyText } from '../../src/policy-file.ts';
import { learnPolicy } from '../../synthesizer/learn.ts';
import { access, recordingOf } from '../helpers/recordings.ts';
import { CLI } from '../helpers/record.ts';

const GOOD = policyText(
  learnPolicy([recordingOf('r1', [access('read', '/data/f')])], { name: 'p', decisions: [] }).policy,
);
const JSON_LINES = GOOD.split('\n');

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'leastwise-bad-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]): SpawnSyncReturns<string> =>
  spawnSync(process.execPath, [CLI, ...args], { cwd: folder, encoding: 'utf8', env: { ...process.env, LEASTWISE_STORE: join(folder, 'store') } }); // prettier-ignore

/** Text of a policy with one line of a good one changed, and the number of that line. */
function changed(find: string, into: string): { readonly text: string; readonly line: number } {
  const index = JSON_LINES.findIndex((line) => line.includes(find));
  const lines = JSON_LINES.with(index, JSON_LINES[index]!.replace(find, into));
  return { text: lines.join('\n'), line: index + 1 };
}

const TYPO = changed('"name": "p",', '"name": "p"');
const UNKNOWN = changed('"access": "read-only"', '"acess": "read-only"');
const UNKNOWN_IN_ROOT = changed('"flavour"', '"flavor": 1,\n  "flavour"');
const VALUE = changed('"access": "read-only"', '"access": "read-mostly"');
const NEWER = changed('"leastwise": 1', '"leastwise": 2');
const HOSTILE = changed('"flavour"', '"\\u001b[31mred\\nline": 1, "flavour"');

/** Ends with 2, one line and at most one remedy, which hold no control characters; leaves nothing beside. */
function expectRefused(ended: SpawnSyncReturns<string>, message: RegExp, left: readonly string[]): void {
  const lines = ended.stderr.trimEnd().split('\n');
  expect({ status: ended.status, out: ended.stdout }).toEqual({ status: 2, out: '' });
  expect(lines[0]).toMatch(message);
  expect(lines.slice(1).every((line) => line.startsWith('  ')) && lines.length <= 2, ended.stderr).toBe(true);
  expect(ended.stderr).not.toMatch(/\n\s+at |[\u0000-\u0009\u000b-\u001f]/);
  expect(readdirSync(folder).sort()).toEqual([...left].sort());
}

describe.each(['export', 'replay'])('%s of a document that is no policy', (verb) => {
  const args = verb === 'export' ? ['--to', 'mxc', '-o', 'request.json'] : [];

  it.each([
    ['a typo', TYPO.text, new RegExp(`bad\\.json:${TYPO.line}: it is not JSON: comma expected`)],
    [
      'an unknown field',
      UNKNOWN.text,
      new RegExp(`bad\\.json:${UNKNOWN.line}: unknown field "acess" in filesystem\\.0`),
    ],
    [
      'an unknown field of the document',
      UNKNOWN_IN_ROOT.text,
      new RegExp(`bad\\.json:${UNKNOWN_IN_ROOT.line}: unknown field "flavor"`),
    ],
    ['a hostile field', HOSTILE.text, new RegExp(`bad\\.json:${HOSTILE.line}: unknown field`)],
    [
      'an unknown value',
      VALUE.text,
      new RegExp(`bad\\.json:${VALUE.line}: filesystem\\.0\\.access .*read-only, read-write`),
    ],
    ['a newer version', NEWER.text, new RegExp(`bad\\.json:${NEWER.line}: it is of version 2, this program knows 1`)],
    ['another document', '{"name": "package", "version": "1.0.0"}', /bad\.json:1: it is no policy document/],
    ['a list', '[1, 2]', /bad\.json:1: it is no policy document/],
    ['null', 'null', /bad\.json:1: it is no policy document/],
    ['nothing', '', /bad\.json:1: it is not JSON/],
    ['a comment', `// mine\n${GOOD}`, /bad\.json:1: it is not JSON/],
    ['half of it', GOOD.slice(0, GOOD.length >> 1), /bad\.json:\d+: it is not JSON/],
  ])('with %s is refused with its line', (_what, text, message) => {
    writeFileSync(join(folder, 'bad.json'), text);
    expectRefused(run(verb, 'bad.json', ...args), message, ['bad.json']);
  });

  it('that is not there, or a folder, is refused', () => {
    expectRefused(run(verb, 'gone.json', ...args), /cannot read the policy gone\.json: ENOENT/, []);
    mkdirSync(join(folder, 'd'));
    expectRefused(run(verb, 'd', ...args), /cannot read the policy d: EISDIR/, ['d']);
  });

  it('with an escape sequence in its name is named harmlessly', () => {
    expectRefused(run(verb, 'a\u001b[31m\nb', ...args), /cannot read the policy a\\x1b\[31m\\nb/, []);
  });
});

describe('an output that cannot be written', () => {
  it('leaves nothing half-written', () => {
    writeFileSync(join(folder, 'good.json'), GOOD);
    mkdirSync(join(folder, 'out'));
    const exportTo = (file: string) => run('export', 'good.json', '--to', 'mxc', '-o', file);
    expectRefused(exportTo('out'), /cannot write out: EISDIR/, ['good.json', 'out']);
    expectRefused(exportTo('gone/x.json'), /cannot write gone\/x\.json: ENOENT/, ['good.json', 'out']);
    expectRefused(exportTo('good.json/x'), /cannot write good\.json\/x: ENOTDIR/, ['good.json', 'out']);
    expect(readdirSync(join(folder, 'out'))).toEqual([]);
  });
});

describe('learning', () => {
  it('without a store, or into a policy that cannot be read, changes nothing', () => {
    expectRefused(run('learn', '-o', 'p.json'), /there are no recordings/, []);
  });
});
