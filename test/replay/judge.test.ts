import { describe, expect, it } from 'vitest';
import type { Access, AccessDetail, AccessObject, Operation, PathObject } from '../../src/domain/access.ts';
import type { Policy } from '../../src/domain/policy.ts';
import type { OutputFile, Recording, RecordingInfo } from '../../src/domain/recording.ts';
import { judge, type JudgeInput } from '../../src/replay/judge.ts';
import type { ReplayAccess } from '../../src/replay/watch.ts';
import type { Coverage } from '../../synthesizer/coverage.ts';

const WS = '/work/app';
const VARIABLES = { workspace: WS, home: '/home/u', tmp: '/tmp' };
const COMMAND = ['make', 'all'];

const POLICY: Policy = {
  leastwise: 1,
  name: 'test',
  flavour: 'posix',
  workload: { command: COMMAND, cwd: '' },
  filesystem: [],
  environment: [],
  network: { mode: 'none', destinations: [] },
  decisions: [],
  pending: [],
  leftOut: [],
  recordings: [],
};

const MOUNTS: Readonly<Record<string, Coverage['visibility']>> = {
  [WS]: 'read-write',
  '/data/in': 'read-only',
  '/data/rw': 'read-write',
  '/work/app/secrets': 'denied',
  '/usr/bin': 'baseline',
  '/tmp': 'private',
  '/proc': 'private',
};

function coverage(path: string): Coverage {
  for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const visibility = MOUNTS[at];
    if (visibility) return { visibility, grant: at, mount: at };
  }
  return { visibility: 'absent', grant: null, mount: null };
}

function path(path: string, more: Partial<PathObject> = {}): PathObject {
  return { kind: 'path', path, links: [], type: 'unknown', ...more };
}

function tcp(address: string, port: number): AccessObject {
  return { kind: 'endpoint', protocol: 'tcp', address, port };
}

function did(operation: Operation, object: AccessObject | string, outcome = 'ok'): AccessDetail {
  return { operation, object: typeof object === 'string' ? path(object) : object, outcome, evidence: '' };
}

const PROGRAM = { executable: '/usr/bin/make', argv: ['make'], pids: [15, 16] };

function replayed(details: readonly AccessDetail[]): ReplayAccess[] {
  return details.map((detail) => ({ ...detail, program: PROGRAM, count: 1 }));
}

function recording(details: readonly AccessDetail[], info: Partial<RecordingInfo> = {}): Recording {
  const accesses: Access[] = details.map((detail) => ({ ...detail, program: '/usr/bin/make', count: 1, first: 0, last: 0, process: 1 })); // prettier-ignore
  return { info: { ...INFO, ...info }, processes: [], accesses };
}

const INFO: RecordingInfo = {
  id: 'r1',
  name: 'test',
  flavour: 'posix',
  command: COMMAND,
  cwd: WS,
  workspace: WS,
  home: '/home/u',
  tmp: '/tmp',
  uid: 1000,
  tracer: 'strace',
  started: 0,
  exit: { code: 0 },
  status: 'complete',
  problems: [],
  disposable: false,
  homes: [],
  tmps: [],
  environment: [],
  outputs: [],
};

interface Case {
  readonly recorded?: readonly AccessDetail[];
  readonly now: readonly AccessDetail[];
  /** What exists on the machine; folders above are implied. */
  readonly exists?: readonly string[];
  readonly more?: Partial<JudgeInput>;
}

function judged({ recorded = [], now, exists = [], more = {} }: Case) {
  const there = (at: string): boolean => at === '/' || exists.some((one) => one === at || one.startsWith(`${at}/`));
  return judge({
    policy: POLICY,
    reference: { file: 'p.json', name: 'test', digest: '' },
    policyHash: null,
    variables: VARIABLES,
    command: COMMAND,
    recordings: [recording(recorded)],
    watched: { started: true, exit: { code: 0 }, accesses: replayed(now), problems: [] },
    coverage,
    host: { exists: there, realPath: (at) => (there(at) ? at : undefined) },
    before: { typeOf: () => undefined },
    after: { typeOf: () => undefined, list: () => [] },
    overlay: true,
    sandboxExit: 0,
    caveats: [],
    ...more,
  });
}

describe('a denial', () => {
  const cases: readonly (readonly [string, Case, string])[] = [
    ['a read of what is there and hidden', { now: [did('read', '/home/u/.ssh/id', 'ENOENT')], exists: ['/home/u/.ssh/id'] }, 'not granted'], // prettier-ignore
    ['a program that is there and hidden', { now: [did('execute', '/opt/x', 'ENOENT')], exists: ['/opt/x'] }, 'not granted'], // prettier-ignore
    ['a new file in a hidden folder', { now: [did('create', '/home/u/new', 'ENOENT')], exists: ['/home/u/.profile'] }, 'not granted'], // prettier-ignore
    ['a read in a masked folder', { now: [did('read', `${WS}/secrets/key`, 'ENOENT')], exists: [`${WS}/secrets/key`] }, 'denied by the policy'], // prettier-ignore
    ['a read of a masked file', { now: [did('read', `${WS}/secrets`, 'EACCES')] }, 'denied by the policy'],
    ['a write to what may be read', { now: [did('write', '/data/in/x', 'EROFS')] }, 'granted for reading only'],
    ['a write to the system', { now: [did('create', '/usr/bin/x', 'EROFS')] }, 'a system folder'],
    ['metadata of what may be read', { now: [did('metadata', '/data/in/x', 'EPERM')] }, 'granted for reading only'],
    ['a refusal of what went well', { recorded: [did('read', `${WS}/x`)], now: [did('read', `${WS}/x`, 'EACCES')] }, 'it went well in a recording'], // prettier-ignore
    ['a removal of what is mounted', { now: [did('delete', '/data/rw', 'EBUSY')] }, 'granted by itself'],
    ['a rename from grant to grant', { now: [did('rename', { kind: 'pair', from: path(`${WS}/a`), to: path('/data/rw/a') }, 'EXDEV')] }, 'from one grant to another'], // prettier-ignore
    ['a write that is lost', { now: [did('create', '/home/u/.profile')] }, 'throw-away root'],
    ['a write that is lost in a mask', { now: [did('create', `${WS}/secrets/x`)] }, 'masked folder'],
    ['a look that went well', { recorded: [did('stat', '/opt/x')], now: [did('stat', '/opt/x', 'ENOENT')], exists: ['/opt/x'] }, 'not granted'], // prettier-ignore
    ['a read in /tmp that went well', { recorded: [did('read', '/tmp/x')], now: [did('read', '/tmp/x', 'ENOENT')], exists: ['/tmp/x'] }, 'its own in this place'], // prettier-ignore
    ['a Unix socket', { now: [did('connect', '/run/docker.sock', 'ENOENT')], exists: ['/run/docker.sock'] }, 'not granted'], // prettier-ignore
    ['a host', { now: [did('connect', tcp('203.0.113.9', 443), 'ENETUNREACH')] }, 'grants no network'],
    ['a service of the machine', { recorded: [did('connect', tcp('127.0.0.1', 5432))], now: [did('connect', tcp('127.0.0.1', 5432), 'ECONNREFUSED')] }, 'service of the machine'], // prettier-ignore
    ['a loopback port that nobody asked for', { now: [did('connect', tcp('127.0.0.1', 18699), 'ECONNREFUSED')] }, 'not in the recordings'], // prettier-ignore
    ['a loopback port that answers itself', { now: [did('listen', tcp('127.0.0.1', 18699)), did('connect', tcp('127.0.0.1', 18699))] }, "own loopback"], // prettier-ignore
    ['an abstract socket', { recorded: [did('connect', { kind: 'abstract-socket', name: 'x' })], now: [did('connect', { kind: 'abstract-socket', name: 'x' }, 'ECONNREFUSED')] }, 'abstract sockets'], // prettier-ignore
    ['a name', { now: [did('resolve', { kind: 'name', name: 'evil.test', addresses: [] }, 'ENETUNREACH')] }, 'no name server'], // prettier-ignore
  ];
  it.each(cases)('%s', (_name, given, because) => {
    const verdict = judged(given);
    expect(verdict.verdict).toBe('denied');
    expect(verdict.denials.map((denial) => denial.because).join()).toContain(because);
    expect(verdict.denials[0]!.program).toEqual(PROGRAM);
  });

  it('names object, error and grant, and gathers what is the same', () => {
    const row = did('write', '/data/in/x', 'EROFS');
    const [denial, ...others] = judged({ now: [row, { ...row }] }).denials;
    expect(others).toEqual([]);
    expect(denial).toMatchObject({ kind: 'file', object: '/data/in/x', errno: 'EROFS', grant: '/data/in', count: 2 });
  });

  it('that a decision asks for does not spoil the verdict', () => {
    const decisions = [{ pattern: '${home}/.ssh', effect: 'deny', by: 'u', at: '' }] as const;
    const verdict = judged({
      now: [did('read', '/home/u/.ssh/id', 'ENOENT')],
      exists: ['/home/u/.ssh/id'],
      more: { policy: { ...POLICY, decisions } },
    });
    expect(verdict.verdict).toBe('holds');
    expect(verdict.denials).toMatchObject([{ decided: true }]);
  });
});

describe('no denial', () => {
  const cases: readonly (readonly [string, Case])[] = [
    ['a look-up of what is nowhere', { now: [did('read', '/opt/none', 'ENOENT')] }],
    ['a look at what was never recorded', { now: [did('stat', '/home/u/.git', 'ENOENT')], exists: ['/home/u/.git'] }],
    ['a look at a broad folder', { recorded: [did('stat', '/home/u')], now: [did('stat', '/home/u', 'ENOENT')], exists: ['/home/u/x'] }], // prettier-ignore
    ['what failed the same way before', { recorded: [did('write', '/data/in/x', 'EROFS')], now: [did('write', '/data/in/x', 'EROFS')] }], // prettier-ignore
    ['the same under another random name', { recorded: [did('create', '/data/in/t-8f3a91', 'EROFS')], now: [did('create', '/data/in/t-77c0de', 'EROFS')] }], // prettier-ignore
    ['what the run itself removed', { now: [did('read', `${WS}/x`, 'ENOENT')], exists: [`${WS}/x`] }],
    ['a question whether one may write', { now: [did('probe', '/usr/bin', 'EROFS')] }],
    ['a write in /tmp', { now: [did('create', '/tmp/x')] }],
    ["a port of the workload's own", { recorded: [did('connect', tcp('127.0.0.1', 8080))], now: [did('listen', tcp('127.0.0.1', 8080)), did('connect', tcp('127.0.0.1', 8080))] }], // prettier-ignore
    ['a port that the system chose', { now: [did('listen', tcp('127.0.0.1', 0)), did('connect', tcp('127.0.0.1', 40123))] }], // prettier-ignore
    ['a name server that never answered', { recorded: [did('connect', { kind: 'endpoint', protocol: 'udp', address: '10.0.0.1', port: 53 })], now: [did('connect', { kind: 'endpoint', protocol: 'udp', address: '10.0.0.1', port: 53 }, 'ENETUNREACH')] }], // prettier-ignore
    ['a question which way a packet would go', { now: [did('connect', { kind: 'endpoint', protocol: 'udp', address: '203.0.113.9', port: 0 }, 'ENETUNREACH')] }], // prettier-ignore
    ['a process of the machine', { recorded: [did('read', '/proc/4/stat')], now: [did('read', '/proc/4/stat', 'ENOENT')], exists: ['/proc/4/stat'] }], // prettier-ignore
  ];
  it.each(cases)('%s', (_name, given) => {
    const verdict = judged(given);
    expect(verdict.denials).toEqual([]);
    expect(verdict.verdict).toBe('holds');
  });

  it('a link from grant to grant that learning left out, knowing it', () => {
    const pair = { kind: 'pair', from: path('/data/rw/a'), to: path(`${WS}/objects/ab/c`) } as const;
    const leftOut = [{ path: '${workspace}/objects/0f', operations: ['link'], why: '' }] as const;
    const verdict = judged({ now: [did('link', pair, 'EXDEV')], more: { policy: { ...POLICY, leftOut } } });
    expect(verdict.denials).toEqual([]);
  });

  it('says what is a limit of the overlay', () => {
    const pair = { kind: 'pair', from: path(`${WS}/a`), to: path(`${WS}/b`) } as const;
    const verdict = judged({ now: [did('rename', pair, 'EXDEV')] });
    expect(verdict.denials).toEqual([]);
    expect(verdict.caveats).toEqual([expect.stringContaining('the overlay cannot rename a folder')]);
  });
});

describe('paths of another machine', () => {
  it('are held against the same place here', () => {
    const elsewhere = { workspace: '/home/ci/app', home: '/home/ci', tmp: '/tmp' };
    const before = recording([did('read', '/home/ci/app/x')], { ...elsewhere, outputs: [{ path: '/home/ci/app/out', type: 'file' }] }); // prettier-ignore
    const verdict = judged({ now: [did('read', `${WS}/x`, 'EACCES')], more: { recordings: [before] } });
    expect(verdict.denials).toMatchObject([{ object: `${WS}/x` }]);
    expect(verdict.effects).toMatchObject([{ kind: 'missing', path: `${WS}/out` }]);
  });
});

describe('effects and exit codes', () => {
  const file = (at: string): OutputFile => ({ path: at, type: 'file' });
  const view = (...paths: string[]): JudgeInput['after'] => ({
    typeOf: (at) =>
      paths.includes(at) ? 'file' : paths.some((one) => one.startsWith(`${at}/`)) ? 'folder' : undefined,
    list: (at) => [...new Set(paths.filter((one) => one.startsWith(`${at}/`)).map((one) => one.slice(at.length + 1).split('/')[0]!))], // prettier-ignore
  });
  const withOutputs = (outputs: OutputFile[], after: JudgeInput['after'], more: Partial<JudgeInput> = {}) =>
    judged({ now: [], more: { recordings: [recording([], { outputs })], after, ...more } });

  it('a missing output differs', () => {
    const verdict = withOutputs([file(`${WS}/out`)], view());
    expect(verdict.verdict).toBe('differs');
    expect(verdict.reason).toBe('${workspace}/out is missing, which the recorded run left behind');
  });

  it('an output of another name and the same shape is the same', () => {
    const before = [file(`${WS}/log/2026-11-23/run-0b9c7e61-1111-4222-8333-444455556666.json`)];
    const after = view(`${WS}/log/2027-01-02/run-9f00aa12-aaaa-4bbb-8ccc-ddddeeeeffff.json`);
    expect(withOutputs(before, after).verdict).toBe('holds');
  });

  it('another kind differs; a sidecar of a database and a throw-away place do not count', () => {
    expect(withOutputs([{ path: `${WS}/out`, type: 'folder' }], view(`${WS}/out`)).effects).toMatchObject([{ kind: 'differs', expected: 'folder', seen: 'file' }]); // prettier-ignore
    expect(withOutputs([file(`${WS}/db-wal`)], view(`${WS}/db`)).verdict).toBe('holds');
    expect(withOutputs([file('/tmp/x')], view())).toMatchObject({ verdict: 'holds', effects: [{ kind: 'lost', counts: false }] }); // prettier-ignore
  });

  it('with another command only what all recordings left counts', () => {
    const recordings = [
      recording([], { id: 'a', command: ['one'], outputs: [file(`${WS}/both`), file(`${WS}/first`)] }),
      recording([], { id: 'b', command: ['two'], outputs: [file(`${WS}/both`)] }),
    ];
    const verdict = judged({ now: [], more: { recordings, command: ['three'] } });
    expect(verdict.effects.map((effect) => effect.path)).toEqual([`${WS}/both`]);
  });

  it('another exit code differs; a fatal signal is 128 and its number', () => {
    const watched = { started: true, exit: { signal: 'SIGSEGV' }, accesses: [], problems: [] };
    const verdict = judged({ now: [], more: { watched } });
    expect(verdict).toMatchObject({ verdict: 'differs', exitCode: { expected: 0, seen: 139 } });
  });

  it('hints that the workspace holds the results already', () => {
    const watched = { started: true, exit: { code: 1 }, accesses: [], problems: [] };
    const after = view(`${WS}/out`);
    const verdict = withOutputs([file(`${WS}/out`)], after, { before: after, watched });
    expect(verdict.caveats).toEqual([expect.stringContaining('--disposable')]);
  });

  it('what could not run says so before all else, and problems of the trace are told', () => {
    const problems = [{ kind: 'unparsed-line', detail: 'x\u001b[31m', count: 2 }] as const;
    const watched = { started: false, exit: undefined, accesses: replayed([did('create', '/home/u/x')]), problems };
    const verdict = judged({ now: [], more: { failure: 'no', watched } });
    expect(verdict).toMatchObject({ verdict: 'could not run', reason: 'no' });
    expect(verdict.caveats).toEqual(['the trace of the replay: unparsed-line (2): x\\x1b[31m']);
  });
});
