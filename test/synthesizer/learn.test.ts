import { describe, expect, it } from 'vitest';
import type { Access } from '../../src/domain/access.ts';
import type { Decision } from '../../src/domain/policy.ts';
import type { RecordingInfo } from '../../src/domain/recording.ts';
import { learnPolicy } from '../../synthesizer/learn.ts';
import { access, recordingOf } from '../helpers/recordings.ts';

function learn(accesses: readonly Access[], info: Partial<RecordingInfo> = {}, decisions: readonly Decision[] = []) {
  return learnPolicy([recordingOf('r1', accesses, info)], { name: 'test', decisions }).policy;
}

function grants(accesses: readonly Access[], info: Partial<RecordingInfo> = {}, decisions: readonly Decision[] = []) {
  return learn(accesses, info, decisions).filesystem.map(({ path, access, scope }) => `${access} ${scope} ${path}`);
}

function decision(pattern: string, effect: Decision['effect']): Decision {
  return { pattern, effect, by: 'me', at: '2026-01-01T00:00:00.000Z' };
}

describe('what is granted', () => {
  it('is the file that was read, and nothing that was looked for in vain', () => {
    expect(grants([access('read', '/data/x/a.txt'), access('read', '/data/x/b.txt', { outcome: 'ENOENT' })])).toEqual([
      'read-only file /data/x/a.txt',
    ]);
  });

  it('leaves out what MXC gives to everyone, and what every run has for itself', () => {
    expect(
      grants([
        access('read', '/usr/lib/libc.so.6'),
        access('execute', '/bin/sh'),
        access('read', '/proc/self/maps'),
        access('create', '/tmp/x'),
      ]),
    ).toEqual([]);
  });

  it('grants what was in /tmp before the run', () => {
    expect(grants([access('read', '/tmp/given/input')])).toEqual(['read-only file ${tmp}/given/input']);
  });

  it('grants the folder in which an entry was made, deleted or renamed', () => {
    expect(grants([access('create', '/w/app/out/a'), access('read', '/w/app/src/x')])).toEqual([
      'read-write folder ${workspace}/out',
      'read-only file ${workspace}/src/x',
    ]);
    expect(grants([access('delete', '/w/app/out/a')])).toEqual(['read-write folder ${workspace}/out']);
    expect(grants([access('rename', '/w/app/d/a', { to: '/w/app/d/b' })])).toEqual([
      'read-write folder ${workspace}/d',
    ]);
  });

  it('grants a file that is only written in place by itself', () => {
    expect(grants([access('write', '/data/log')])).toEqual(['read-write file /data/log']);
  });

  it('sees that what is below a new folder comes with its parent', () => {
    expect(
      grants([
        access('create', '/w/app/out', { type: 'folder' }),
        access('create', '/w/app/out/sub', { type: 'folder' }),
        access('create', '/w/app/out/sub/f'),
      ]),
    ).toEqual(['read-write folder ${workspace}']);
  });

  it('turns several files of a folder into the folder', () => {
    const files = ['a', 'b', 'c', 'd'].map((name) => access('read', `/data/lib/${name}.js`));
    expect(grants(files.slice(0, 3))).toHaveLength(3);
    expect(grants(files)).toEqual(['read-only folder /data/lib']);
  });

  it('joins two folders of a rename in one', () => {
    expect(
      grants([
        access('create', '/data/p/a/x'),
        access('create', '/data/p/b/y'),
        access('rename', '/data/p/a/x', { to: '/data/p/b/x' }),
      ]),
    ).toEqual(['read-write folder /data/p']);
  });

  it('gives an empty stand-in for a folder that was only looked for', () => {
    expect(grants([access('stat', '/data/there', { type: 'folder' })])).toEqual(['empty folder /data/there']);
    expect(grants([access('stat', '/data', { type: 'folder' }), access('read', '/data/f')])).toEqual([
      'read-only file /data/f',
    ]);
  });

  it('never covers what MXC gives with a stand-in', () => {
    const looked = ['/', '/usr', '/run', '/usr/local'].map((path) => access('stat', path, { type: 'folder' }));
    expect(grants(looked)).toEqual(['empty folder /usr/local']);
  });

  it('gives an empty stand-in for a temporary folder of the workload', () => {
    expect(grants([access('create', '/scratch/t/x')], { tmps: ['/scratch/t'] })).toEqual(['empty folder /scratch/t']);
    expect(
      grants([access('create', '/scratch/t/x'), access('read', '/scratch/t/old')], { tmps: ['/scratch/t'] }),
    ).toEqual(['read-write folder /scratch/t']);
  });

  it('grants link and target', () => {
    expect(grants([access('read', '/data/link', { real: '/data/real/f', links: ['/data/link'] })])).toEqual([
      'read-only file /data/link',
      'read-only file /data/real/f',
    ]);
  });

  it('grants the folder of a link that was looked at as a link', () => {
    expect(grants([access('stat', '/data/bin/tool', { type: 'link' })])).toEqual(['read-only folder /data/bin']);
  });

  it('takes the folder of a name that is not UTF-8', () => {
    expect(grants([access('read', '/data/odd/\udcff')])).toEqual(['read-only folder /data/odd']);
  });
});

describe('what is too broad', () => {
  it('is never granted whole: a folder made in it is made beforehand', () => {
    const policy = learn([
      access('create', '/home/u/.tool', { type: 'folder' }),
      access('create', '/home/u/.tool/state'),
    ]);
    expect(policy.filesystem).toMatchObject([
      { path: '${home}/.tool', access: 'read-write', scope: 'folder', create: true },
    ]);
    expect(policy.pending).toEqual([]);
  });

  it('is asked for where a file comes and goes in it, with its other entries denied', () => {
    const accesses = [access('create', '/home/u/.state.lock'), access('read', '/home/u/.state')];
    const policy = learn(accesses);
    expect(policy.pending).toMatchObject([{ kind: 'broad', pattern: '${home}', proposal: [{ access: 'read-write' }] }]);
    expect(policy.filesystem.map((grant) => grant.path)).toEqual(['${home}/.state']);
    const decided = learn(accesses, {}, [decision('${home}', 'allow')]);
    expect(decided.pending).toEqual([]);
    expect(decided.filesystem).toMatchObject([
      { path: '${home}', access: 'read-write', only: ['.state', '.state.lock'] },
    ]);
  });

  it.each(['/', '/home', '/home/u', '/etc', '/var', '/w', '/home/u/.config'])('covers %s', (folder) => {
    const path = folder === '/' ? '' : folder;
    const files = ['a', 'b', 'c', 'd', 'e'].map((name) => access('read', `${path}/${name}/f`));
    const granted = grants([...files, access('list', folder, { type: 'folder' })]);
    expect(granted.filter((grant) => grant.endsWith(` ${folder}`) || grant.endsWith(' ${home}'))).toEqual([]);
  });
});

describe('guarded places', () => {
  const key = access('read', '/home/u/.ssh/id_ed25519');

  it('become a decision, not a grant', () => {
    const policy = learn([key, access('read', '/home/u/.npmrc')]);
    expect(policy.filesystem).toEqual([]);
    expect(policy.pending.map((pending) => pending.pattern)).toEqual(['${home}/.npmrc', '${home}/.ssh/id_ed25519']);
  });

  it('are denied within a folder that is needed', () => {
    expect(grants([access('create', '/w/app/x'), access('read', '/w/app/.env')])).toEqual([
      'read-write folder ${workspace}',
      'denied file ${workspace}/.env',
    ]);
  });

  it('are granted as they were used once allowed, and no more than read with allow-read', () => {
    expect(grants([key], {}, [decision('${home}/.ssh/id_ed25519', 'allow')])).toEqual([
      'read-only file ${home}/.ssh/id_ed25519',
    ]);
    const changed = [access('write', '/home/u/.npmrc')];
    expect(grants(changed, {}, [decision('~/.npmrc', 'allow')])).toEqual(['read-write file ${home}/.npmrc']);
    expect(grants(changed, {}, [decision('~/.npmrc', 'allow-read')])).toEqual(['read-only file ${home}/.npmrc']);
  });

  it('stay denied without a question once that is decided', () => {
    const policy = learn([key], {}, [decision('~/.ssh', 'deny'), decision('${home}/.ssh/id_ed25519', 'deny')]);
    expect(policy.filesystem).toEqual([]);
    expect(policy.pending).toEqual([]);
    expect(policy.leftOut).toMatchObject([{ path: '${home}/.ssh/id_ed25519', why: 'a decision denies it' }]);
  });

  it('are in any home, wherever it is', () => {
    expect(learn([access('read', '/somewhere/else/.aws/credentials')]).pending).toHaveLength(1);
  });
});

describe('the environment', () => {
  it('names what is spoken of, and asks about what looks like a secret', () => {
    const policy = learn([], {
      environment: [
        { name: 'PATH', seenIn: [] },
        { name: 'MY_MODE', seenIn: ['/w/app/run.sh'] },
        { name: 'MY_API_KEY', seenIn: ['/w/app/run.sh'] },
      ],
    });
    expect(policy.environment.map((grant) => grant.name)).toEqual(['MY_MODE', 'PATH']);
    expect(policy.pending.map((pending) => pending.pattern)).toEqual(['env:MY_API_KEY']);
  });
});

describe('the policy document', () => {
  it('is the same whatever the order of runs and rows', () => {
    const a = recordingOf('r1', [access('read', '/data/a'), access('create', '/w/app/x')]);
    const b = recordingOf('r2', [access('read', '/data/b'), access('read', '/data/a')]);
    const back = { ...a, accesses: [...a.accesses].reverse() };
    const options = { name: 'test', decisions: [] };
    expect(JSON.stringify(learnPolicy([b, back], options).policy)).toBe(
      JSON.stringify(learnPolicy([a, b], options).policy),
    );
  });
});
