import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkspace, removeWorkspace, run, start, users, type User } from '../helpers/users.ts';

const FIXTURE = fileURLToPath(new URL('../fixtures/run-request.ts', import.meta.url));

interface Told {
  readonly text: string;
  readonly result: {
    readonly watched: { readonly started: boolean; readonly exit?: unknown; readonly problems: unknown[] };
    readonly policyHash: string | null;
    readonly failure?: { readonly message: string; readonly remedy: string };
    readonly changes: { readonly kind: string; readonly path: string }[];
    readonly scratch: string;
  };
}

describe.each(users())('a run under MXC as $name', (user: User) => {
  let workspace: string;
  beforeEach(() => (workspace = makeWorkspace(user)));
  afterEach(() => removeWorkspace(workspace));

  const order = (script: string, more: object = {}): string[] => [
    process.execPath,
    FIXTURE,
    JSON.stringify({ workspace, script, ...more }),
  ];
  const execute = async (script: string, more: object = {}, environment: NodeJS.ProcessEnv = {}): Promise<Told> => {
    const { out, err } = await run(user, order(script, more), environment);
    const lines = out.trimEnd().split('\n');
    const last = lines.pop() ?? '';
    if (!last.startsWith('{')) throw new Error(`no result: ${out}${err}`);
    return { text: lines.join('\n') + err, result: JSON.parse(last) as Told['result'] };
  };

  it('has no capability, and cannot take a mask away or write what it may read', async () => {
    mkdirSync(join(workspace, 'secret'), { mode: 0o777 });
    writeFileSync(join(workspace, 'secret', 'key'), 'hidden');
    const told = await execute('grep -E "^Cap(Inh|Prm|Eff|Bnd|Amb)" /proc/self/status; umount secret; mount -o remount,rw /usr; ls secret; touch /usr/bin/x', { deniedPaths: [join(workspace, 'secret')] }); // prettier-ignore
    expect(told.text.match(/^Cap\w+:\s+(\w+)$/gm)?.map((line) => line.split('\t')[1])).toEqual(
      Array(5).fill('0000000000000000'),
    );
    expect(told.text).toMatch(/umount: .*secret/);
    expect(told.text).not.toMatch(/^key$/m);
    expect(told.text).toMatch(/Read-only file system|Permission denied/);
    expect(told.result.failure).toBeUndefined();
  });

  it('changes nothing in the workspace, and tells what it would have', async () => {
    mkdirSync(join(workspace, 'old'));
    writeFileSync(join(workspace, 'old', 'file'), 'before');
    writeFileSync(join(workspace, 'kept'), 'before');
    await run(user, ['true']);
    if (user.become.length > 0)
      await run({ ...user, become: [] }, ['chown', '-R', `${user.uid}:${user.uid}`, workspace]);
    const told = await execute(
      'rm -rf old; mkdir old; echo x > old/new; echo after > kept; mkdir -p a/b; touch a/b/c; exit 7',
    );
    expect(told.result.watched.exit).toEqual({ code: 7 });
    expect(told.result.changes.map(({ kind, path }) => `${kind} ${path.slice(workspace.length)}`)).toEqual([
      'created /a', 'created /a/b', 'created /a/b/c', 'changed /kept', 'deleted /old/file', 'created /old/new',
    ]); // prettier-ignore
    expect(readFileSync(join(workspace, 'kept'), 'utf8')).toBe('before');
    expect(readdirSync(workspace).sort()).toEqual(['kept', 'old']);
    expect(readdirSync(join(workspace, 'old'))).toEqual(['file']);
    expect(existsSync(told.result.scratch)).toBe(false);
    expect(told.result.policyHash).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('gives the workload no descriptor and no variable but its own, not even through the sandbox', async () => {
    const script = `exec 7</etc/passwd 200</etc/group; exec ${order('').slice(0, 2).join(' ')} "$1"`;
    const json = JSON.stringify({ workspace, script: 'ls /proc/self/fd | tr "\\n" " "; env; cat /proc/1/environ' });
    const { out } = await run(user, ['bash', '-c', script, 'bash', json], { A_SECRET: 'swordfish' });
    expect(out).toContain('0 1 2 3 ');
    expect(out).not.toMatch(/0 1 2 3 \d/);
    expect(out).toContain('GIVEN=value');
    expect(out).not.toContain('swordfish');
  });

  it('can be told to end by TERM, as out of the sandbox', async () => {
    const told = await execute('sleep 1000 & kill -TERM $!; wait $!; echo ended with $?');
    expect(told.text).toContain('ended with 143');
  });

  it('tells a fatal signal of the workload', async () => {
    const told = await execute('kill -SEGV $$');
    expect(told.result.watched.exit).toEqual({ signal: 'SIGSEGV' });
  });

  it('ends the background processes with the workload', async () => {
    const told = await execute('sleep 1000 & setsid sleep 1000 & exit 0');
    expect(told.result.watched.exit).toEqual({ code: 0 });
  });

  it('leaves no process behind when the caller is killed', async () => {
    const marker = `9${process.pid}${user.uid}`;
    const child = start(user, order(`setsid sleep ${marker} & sleep ${marker} & echo started; wait`));
    let out = '';
    for await (const piece of child.stdout!) {
      out += String(piece);
      if (out.includes('started')) break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    while (commandLines().some((line) => line.includes(`sleep\0${marker}`))) await new Promise(setImmediate);
    expect(commandLines().some((line) => line.includes(marker))).toBe(false);
  });

  it('ends what takes too long, and says so', async () => {
    const told = await execute('sleep 1000 & sleep 1000', { timeoutSeconds: 0.5 });
    expect(told.result.failure?.message).toBe('the workload did not end within 0.5 seconds, and was ended');
    expect(told.result.failure?.remedy).toContain('--timeout');
  });

  it('names a source that is not there', async () => {
    const told = await execute('true', { readonlyPaths: ['/no/such/place'] });
    expect(told.result.failure?.message).toBe('cannot grant /no/such/place: it does not exist on this machine');
  });

  it('makes the folders that a policy asks for, and takes them away again', async () => {
    const folder = join(workspace, 'made', 'deep');
    const told = await execute('echo x > made/deep/file && ls made/deep', { create: [folder] });
    expect(told.text).toContain('file');
    expect(readdirSync(workspace)).toEqual([]);
  });

  it('names a backend error', async () => {
    const closed = join(workspace, 'closed');
    mkdirSync(closed, { mode: 0o000 });
    const told = await execute('true', { readonlyPaths: [closed] });
    // Root's files are root's to read, whatever their mode: then it runs.
    if (told.result.failure) expect(told.result.failure.message).toMatch(/^MXC could not run it: .*read access/);
    else expect(told.result.watched.started).toBe(true);
  });

  it('names a request that MXC refuses', async () => {
    const told = await execute('true', { deniedPaths: [7] });
    expect(told.result.failure?.message ?? '').toMatch(/^MXC (refused the request|could not run it): /);
  });
});

function commandLines(): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  }); // prettier-ignore
}
