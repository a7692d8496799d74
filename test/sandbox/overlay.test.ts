import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareOverlay, type Overlay } from '../../src/sandbox/overlay.ts';
import { makeWorkspace, removeWorkspace, users } from '../helpers/users.ts';

const caller = users()[0]!;

describe.each(['caller', 'namespace-root'] as const)('an overlay, inside as %s', (inside) => {
  let base: string;
  beforeEach(() => (base = makeWorkspace(caller)));
  afterEach(() => removeWorkspace(base));

  const runOver = (overlay: Overlay, script: string, ...args: string[]): string => {
    const [program, ...rest] = [...overlay.wrapper, 'sh', '-c', script, 'sh', ...args];
    const { stdout, stderr, status } = spawnSync(program!, rest, { encoding: 'utf8' });
    expect(overlay.failure()?.message).toBeUndefined();
    expect(`${stderr}${status}`).toBe('0');
    return stdout;
  };
  const over = async <T>(
    folders: string[],
    work: (overlay: Overlay) => Promise<T> | T,
    files: string[] = [],
  ): Promise<T> => {
    const overlay = prepareOverlay({ folders, files, inside, cwd: folders[0]! });
    try {
      return await work(overlay);
    } finally {
      overlay.dispose();
      expect(existsSync(overlay.scratch)).toBe(false);
    }
  };

  it.each([
    'plain',
    'with space',
    'a,b:c',
    'back\\slash',
    'quo\'te"$(id)`id`',
    'new\nline\n',
    '\u001b[31mred',
    '--bind',
    '-o lowerdir=etc',
    '\\040\\012',
    'émoji 🙂',
  ])('takes a folder called %j', async (name) => {
    const folder = join(base, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'a'), 'before');
    await over([folder], async (overlay) => {
      expect(runOver(overlay, 'cat a; echo after > a; echo new > b; cat a')).toBe('beforeafter\n');
      expect((await overlay.changes()).map(({ kind, path }) => [kind, path])).toEqual([
        ['changed', join(folder, 'a')],
        ['created', join(folder, 'b')],
      ]);
    });
    expect(readFileSync(join(folder, 'a'), 'utf8')).toBe('before');
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('drops nothing that is kept: files, folders, links, deletions, replaced folders, names that are no UTF-8', async () => {
    for (const name of ['gone', 'again', 'touched']) mkdirSync(join(base, name));
    for (const name of ['gone/x', 'again/old', 'touched/kept', 'file', 'becomes-folder'])
      writeFileSync(join(base, name), name);
    symlinkSync('file', join(base, 'link'));
    await over([base], async (overlay) => {
      runOver(overlay, 'rm -r gone again; mkdir again; echo n > again/new; echo t > touched/new; chmod 700 file; ln -sfn touched link; rm becomes-folder; mkdir -p becomes-folder/in; echo b > "$(printf "byte\\377")"; mkfifo pipe'); // prettier-ignore
      await overlay.keep();
    });
    expect(readdirSync(base, { encoding: 'latin1' }).sort()).toEqual(['again', 'becomes-folder', 'byte\xff', 'file', 'link', 'touched']); // prettier-ignore
    expect(readdirSync(join(base, 'again'))).toEqual(['new']);
    expect(readdirSync(join(base, 'touched')).sort()).toEqual(['kept', 'new']);
    expect(readdirSync(join(base, 'becomes-folder'))).toEqual(['in']);
    expect(lstatSync(join(base, 'file')).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(base, 'file'), 'utf8')).toBe('file');
    expect(lstatSync(join(base, 'link')).isSymbolicLink()).toBe(true);
  });

  it('does not count what was only opened for writing', async () => {
    writeFileSync(join(base, 'same'), 'same');
    await over([base], async (overlay) => {
      runOver(overlay, ': >> same');
      expect(await overlay.changes()).toEqual([]);
    });
  });

  it('covers several folders, and those within one another once', async () => {
    mkdirSync(join(base, 'one', 'inner'), { recursive: true });
    mkdirSync(join(base, 'two'));
    const folders = [join(base, 'one'), join(base, 'one', 'inner'), join(base, 'two')];
    await over(folders, async (overlay) => {
      runOver(overlay, 'echo x > "$1/one/inner/x"; echo y > "$1/two/y"', base);
      expect((await overlay.changes()).map((change) => change.path)).toEqual([
        join(base, 'one/inner/x'),
        join(base, 'two/y'),
      ]);
    });
    expect(readdirSync(join(base, 'two'))).toEqual([]);
  });

  it('puts a copy over a single file', async () => {
    const file = join(base, 'config');
    mkdirSync(join(base, 'ws'));
    writeFileSync(file, 'before');
    await over(
      [join(base, 'ws')],
      async (overlay) => {
        runOver(overlay, 'echo after > "$1"', file);
        expect((await overlay.changes()).map(({ kind, path }) => [kind, path])).toEqual([['changed', file]]);
        expect(readFileSync(file, 'utf8')).toBe('before');
        await overlay.keep();
      },
      [file],
    );
    expect(readFileSync(file, 'utf8')).toBe('after\n');
  });

  it('names the folder that it cannot cover', async () => {
    await over([base], (overlay) => {
      const [program, ...rest] = overlay.wrapper.map((word) => (word === base ? join(base, 'nowhere') : word));
      expect(spawnSync(program!, [...rest, 'true']).status).not.toBe(0);
      expect(overlay.failure()?.message).toContain(`cannot put an overlay over ${base}`);
      expect(overlay.failure()?.remedy).toContain('TMPDIR');
    });
  });

  it('refuses a name that it cannot hand on', () => {
    expect(() => prepareOverlay({ folders: [join(base, '\udcff')], inside })).toThrow('not valid UTF-8');
  });
});
