import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CLI, doneBelow, makeBench, type Bench } from '../helpers/record.ts';

let bench: Bench;
beforeEach(() => {
  bench = makeBench();
});
afterEach(() => bench.dispose());

describe('record', () => {
  it('tells each operation on files', () => {
    const script = [
      'echo a > new; mkdir dir; echo b >> old; cat old > /dev/null; ls dir > /dev/null; mv new moved',
      'ln moved hard; ln -s moved soft; cat soft > /dev/null; chmod 600 old; rm hard; rmdir dir; test -e nothing; true',
    ].join('\n');
    writeFileSync(join(bench.folder, 'old'), 'x');
    const { ended, seen } = bench.record('/bin/sh', '-c', script);
    expect(ended.status).toBe(0);
    const done = doneBelow(seen, bench.folder);
    const expected = [
      'create ok new',
      'create ok dir',
      'write ok old',
      'read ok old',
      'list ok dir',
      'rename ok new moved',
      'link ok moved hard',
      'symlink ok soft',
      'read ok soft',
      'metadata ok old',
      'delete ok hard',
      'delete ok dir',
    ];
    expect(done).toEqual(expect.arrayContaining(expected));
    expect(done.some((text) => text.endsWith(' ENOENT nothing'))).toBe(true);
    const soft = seen.accesses.find(
      ({ operation, object }) => operation === 'read' && object.kind === 'path' && object.path.endsWith('/soft'),
    );
    expect(soft?.object).toMatchObject({ real: join(bench.folder, 'moved'), links: [join(bench.folder, 'soft')] });
    expect(seen.recording).toMatchObject({ status: 'complete', problems: [], exit: { code: 0 } });
    expect(seen.recording.outputs.map(({ path }) => path)).toEqual(
      ['moved', 'old', 'soft'].map((name) => join(bench.folder, name)),
    );
  });

  it('tells processes, with their scripts and ends', () => {
    writeFileSync(join(bench.folder, 'tool'), '#!/bin/sh\nexit 7\n', { mode: 0o755 });
    const { seen } = bench.record('/bin/sh', '-c', './tool; exit 3');
    expect(seen.recording.exit).toEqual({ code: 3 });
    const tool = seen.processes.find(({ executable }) => executable === join(bench.folder, 'tool'));
    expect(tool).toMatchObject({ parent: 1, interpreter: '/bin/sh', exitCode: 7 });
  });

  it('tells where a program connects to', async () => {
    const server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const script = `require('net').connect(${port}, '127.0.0.1').on('close', () => {}).resume()`;
    const child = spawn(process.execPath, [CLI, 'record', '--', process.execPath, '-e', script], {
      cwd: bench.folder,
      stdio: 'ignore',
    });
    await once(child, 'exit');
    server.close();
    const objects = bench
      .show()
      .accesses.filter(({ operation }) => operation === 'connect')
      .map(({ object }) => object);
    expect(objects).toContainEqual({ kind: 'endpoint', protocol: 'tcp', address: '127.0.0.1', port });
  });

  it('passes on exit codes and fatal signals', () => {
    expect(bench.run('record', '--', '/bin/sh', '-c', 'exit 41').status).toBe(41);
    expect(bench.run('record', '--', '/bin/sh', '-c', 'kill -KILL $$').signal).toBe('SIGKILL');
  });

  it('keeps hostile names as they are, and shows none of them raw', () => {
    const script = `
import os
for name in [b'line\\nbreak', b'esc\\x1b[31mred', b'bad\\xff\\xfeutf', b'quo"te\\\\<a>(b) = 3', b'caf\\xc3\\xa9']:
    open(name, 'w').close()
deep = b'd' * 200
for _ in range(18):
    os.mkdir(deep)
    os.chdir(deep)
open(b'leaf', 'w').close()
`;
    writeFileSync(join(bench.folder, 'make.py'), script);
    const { ended, seen } = bench.record('/usr/bin/python3', '-S', 'make.py');
    expect(ended.stderr).not.toContain('Traceback');
    expect(seen.recording.problems).toEqual([]);
    const made = doneBelow(seen, bench.folder)
      .filter((text) => text.startsWith('create ok '))
      .map((text) => text.slice(10));
    const deep = `${Array.from({ length: 18 }, () => 'd'.repeat(200)).join('/')}/leaf`;
    expect(made).toEqual(
      expect.arrayContaining([
        'line\nbreak',
        'esc\u001b[31mred',
        'bad\udcff\udcfeutf',
        'quo"te\\<a>(b) = 3',
        'café',
        deep,
      ]),
    );
    expect(bench.run('show', 'last').stdout).not.toMatch(/[\u001b\ud800-\udfff]/);
  });

  it('names a command that is not there, or may not run, before anything is started', () => {
    writeFileSync(join(bench.folder, 'plain'), 'x');
    for (const name of ['no-such-program-here', './plain']) {
      const ended = bench.run('record', '--', name);
      expect(ended.status).toBe(2);
      expect(ended.stderr).toContain(name.replace('./', ''));
      expect(ended.stderr).not.toContain('    at ');
    }
    expect(bench.run('runs').stdout.trim()).toBe('');
  });

  it('shows a whole recording as its schema says', () => {
    const { seen } = bench.record('/bin/sh', '-c', 'echo > x; mv x y');
    const schema = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../policies/show.schema.json'), 'utf8'),
    ) as object;
    const validate = new Ajv2020({ strict: false }).compile(schema);
    validate(seen);
    expect(validate.errors ?? []).toEqual([]);
  });
});

describe('record --disposable', () => {
  const work = ['--', '/bin/sh', '-c', 'echo new > b; rm a; mkdir d; echo x > d/y; exit 4'] as const;

  it('lists the changes and drops them', () => {
    writeFileSync(join(bench.folder, 'a'), 'old');
    const ended = bench.run('record', '--disposable', ...work);
    expect(ended.status).toBe(4);
    expect(ended.stderr).toMatch(/4 changes to the workspace, dropped/);
    expect(['a', 'b', 'd'].map((name) => existsSync(join(bench.folder, name)))).toEqual([true, false, false]);
  });

  it('keeps them with --keep', () => {
    writeFileSync(join(bench.folder, 'a'), 'old');
    const ended = bench.run('record', '--disposable', '--keep', ...work);
    expect(ended.status).toBe(4);
    expect(ended.stderr).toMatch(/4 changes to the workspace, kept/);
    expect(existsSync(join(bench.folder, 'a'))).toBe(false);
    expect(readFileSync(join(bench.folder, 'd', 'y'), 'utf8')).toBe('x\n');
  });
});

describe('the store', () => {
  it('is for its owner alone, and git ignores it', () => {
    bench.record('/bin/true');
    const store = join(bench.folder, '.leastwise');
    expect(statSync(store).mode & 0o777).toBe(0o700);
    expect(readFileSync(join(store, '.gitignore'), 'utf8').trim()).toBe('*');
  });

  it('tells of a recorder that was killed what was seen until then', async () => {
    const script = 'echo > before; echo ready; read -r line; echo > after';
    const child = spawn(process.execPath, [CLI, 'record', '--', '/bin/sh', '-c', script], {
      cwd: bench.folder,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let noise = '';
    child.stderr.on('data', (text) => (noise += String(text)));
    // A second ready line is not needed: the recorder writes at least every second, and show is asked until it has it.
    await once(child.stdout, 'data');
    while (!doneBelow(bench.show(), bench.folder).includes('create ok before'));
    child.kill('SIGKILL');
    await once(child, 'exit');
    child.stdin.end('go\n');
    await once(child, 'close');
    const seen = bench.show();
    expect(seen.recording.status).toBe('incomplete');
    expect(seen.recording.problems.map(({ kind }) => kind)).toContain('recorder-died');
    expect(existsSync(join(bench.folder, 'after'))).toBe(true);
    expect(noise).not.toContain('Broken pipe');
  });

  it('takes two recorders at once', async () => {
    mkdirSync(join(bench.folder, 'store'));
    const all = ['one', 'two'].map((name) => {
      const args = [
        CLI,
        'record',
        '--name',
        name,
        '--',
        '/bin/sh',
        '-c',
        `for i in 1 2 3 4 5 6 7 8; do echo > ${name}$i; done`,
      ];
      return once(spawn(process.execPath, args, { cwd: bench.folder, stdio: 'ignore' }), 'exit');
    });
    expect((await Promise.all(all)).map(([code]) => code as number)).toEqual([0, 0]);
    const runs = JSON.parse(bench.run('runs', '--json').stdout) as { status: string }[];
    expect(runs.map(({ status }) => status)).toEqual(['complete', 'complete']);
  });

  it('that cannot be written is told before the workload starts', () => {
    const ended = bench.run('record', '--store', '/dev/null/store', '--', '/usr/bin/touch', 'made');
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(/--store/);
    expect(existsSync(join(bench.folder, 'made'))).toBe(false);
  });
});
