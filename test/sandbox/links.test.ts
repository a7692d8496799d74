import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeWorkspace, removeWorkspace, run, users, type RunResult, type User } from '../helpers/users.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));

describe.each(users())('links in place of what was granted, as $name', (user: User) => {
  let base: string;
  let home: string;
  let workspace: string;
  beforeEach(async () => {
    base = makeWorkspace(user);
    [home, workspace] = [join(base, 'home'), join(base, 'ws')];
    put(join(home, '.ssh', 'id_ed25519'), 'SECRET');
    put(join(home, 'private', 'c.txt'), 'PRIVATE');
    put(join(workspace, 'data.txt'), 'data');
    put(join(workspace, 'sub', 'b.txt'), 'b');
    put(join(workspace, 'cfg', 'c.txt'), 'c');
    await run({ ...user, become: [] }, ['chown', '-R', `${user.uid}:${user.uid}`, base]);
  });
  afterEach(() => removeWorkspace(base));

  const leastwise = (...args: string[]): Promise<RunResult> =>
    run(user, ['env', '-C', workspace, process.execPath, CLI, ...args], { HOME: home, LEASTWISE_STORE: '' });
  const learned = async (...script: string[]): Promise<string> => {
    const policy = join(base, 'policy.json');
    await leastwise('record', '--name', 'w', '--store', join(base, 'store'), '--', 'sh', '-c', script.join('; '));
    const { code, err } = await leastwise('learn', '--store', join(base, 'store'), '-o', policy);
    expect(code, err).toBe(0);
    return policy;
  };

  it('never shows what a link put there later leads to', async () => {
    const policy = await learned('cat data.txt sub/b.txt cfg/c.txt', 'ls sub');
    expect((await leastwise('replay', policy)).out).toContain('✓ holds');
    for (const name of ['data.txt', 'sub', 'cfg']) rmSync(join(workspace, name), { recursive: true });
    symlinkSync(join(home, '.ssh', 'id_ed25519'), join(workspace, 'data.txt'));
    symlinkSync(join(home, '.ssh'), join(workspace, 'sub'));
    symlinkSync(join(home, 'private'), join(workspace, 'cfg'));
    const request = JSON.parse((await leastwise('export', policy)).out) as { filesystem: object };
    expect(request.filesystem).toMatchObject({ readonlyPaths: [], readwritePaths: [] });
    const { out, code } = await leastwise('replay', policy, '--', 'sh', '-c', `cat data.txt sub/id_ed25519 cfg/c.txt; cat ${home}/.ssh/id_ed25519 ${home}/private/c.txt`); // prettier-ignore
    expect(code).toBe(1);
    expect(out).not.toMatch(/^(SECRET|PRIVATE)/m);
    expect(out).toContain('guarded (SSH keys and known hosts)');
  });

  it('does not grant the target of a link because the link was followed', async () => {
    symlinkSync(join(home, '.ssh', 'id_ed25519'), join(workspace, 'key'));
    symlinkSync(join(home, 'private'), join(workspace, 'priv'));
    const policy = await learned('cat key', 'test -d priv/');
    const { out } = await leastwise('replay', policy, '--', 'sh', '-c', 'cat key priv/c.txt');
    expect(out).not.toMatch(/^(SECRET|PRIVATE)/m);
  });

  it('masks what a guarded name leads to within a grant, and the recordings', async () => {
    put(join(workspace, 'conf', 'secret'), 'SECRET');
    symlinkSync('conf/secret', join(workspace, '.env'));
    const policy = await learned('echo x > new', 'rm new');
    mkdirSync(join(workspace, '.leastwise'), { mode: 0o777 });
    const { out } = await leastwise('replay', policy, '--', 'sh', '-c', 'cat .env conf/secret');
    expect(out).not.toMatch(/^SECRET/m);
    const request = JSON.parse((await leastwise('export', policy)).out) as { filesystem: { deniedPaths: string[] } };
    const within = request.filesystem.deniedPaths.filter((path) => path.startsWith(workspace));
    expect(within).toEqual([join(workspace, '.leastwise'), join(workspace, 'conf', 'secret')]);
  });

  it('asks before a guarded folder that the workload made itself is granted', async () => {
    const policy = await learned('mkdir ~/.aws', 'echo mine > ~/.aws/credentials');
    expect(readFileSync(policy, 'utf8')).toContain('guarded:${home}/.aws');
    const { filesystem } = JSON.parse(readFileSync(policy, 'utf8')) as { filesystem: { access: string }[] };
    expect(filesystem.filter(({ access }) => access === 'read-write')).toEqual([]);
  });

  it('gives at a link what its target has, but not where something in that is masked', async () => {
    put(join(base, 'data', 'f'), 'x');
    symlinkSync(join(base, 'data'), join(base, 'lnk'));
    await run({ ...user, become: [] }, ['chown', '-R', `${user.uid}:${user.uid}`, base]);
    const [real, link] = [join(base, 'data'), join(base, 'lnk')];
    const policy = await learned(`echo x > ${link}/new`, `rm ${real}/new`);
    expect((await leastwise('replay', '--store', join(base, 'store'), policy)).out).toContain('✓ holds');
    put(join(base, 'data', '.env'), 'SECRET');
    const { out } = await leastwise('replay', policy, '--', 'sh', '-c', `cat ${link}/.env ${real}/.env; cat ${real}/f`);
    expect(out).not.toMatch(/SECRET/);
    expect(out).toMatch(/^x/m);
    expect(out).toContain('it is a link to a folder of which not all is granted alike');
  });

  it('can do with names that MXC does not take', async () => {
    put(join(workspace, 'q"uote', 'f'), 'x');
    put(join(workspace, 'q"uote', '.env'), 'SECRET');
    await run({ ...user, become: [] }, ['chown', '-R', `${user.uid}:${user.uid}`, base]);
    const policy = await learned(`cat 'q"uote/f'`, `echo x > 'q"uote/new'`);
    rmSync(join(workspace, 'q"uote', 'new'));
    const { out } = await leastwise('replay', policy);
    expect(out).toContain('✓ holds');
    expect(out).toContain('MXC takes no such name');
  });

  it('says at once that MXC cannot run in a folder with a double quote', async () => {
    const policy = await learned('cat data.txt');
    const odd = join(base, 'o"dd');
    put(join(odd, 'data.txt'), 'data');
    await run({ ...user, become: [] }, ['chown', '-R', `${user.uid}:${user.uid}`, base]);
    const { out, code } = await leastwise('replay', policy, '--workspace', odd);
    expect(out).toContain('MXC takes no path with a double quote');
    expect(code).toBe(2);
  });

  it('takes a name that looks like a variable for a name', async () => {
    put(join(workspace, '${home}', 'f'), 'x');
    const policy = await learned("cat '${home}/f'", "test '${tmp}' = '$'{tmp}");
    expect((await leastwise('replay', policy)).out).toContain('✓ holds');
    expect(existsSync(join(workspace, '${home}', 'f'))).toBe(true);
  });
});

function put(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
