import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Verdict } from '../../src/domain/verdict.ts';
import { makeWorkspace, removeWorkspace, run, users, type RunResult, type User } from '../helpers/users.ts';

const CLI = fileURLToPath(new URL('../../src/cli.ts', import.meta.url));
const schema = JSON.parse(
  readFileSync(new URL('../../policies/verdict.schema.json', import.meta.url), 'utf8'),
) as object;
const isVerdict = new Ajv({ allowUnionTypes: true }).compile(schema);

describe.each(users())('leastwise replay as $name', (user: User) => {
  let workspace: string;
  beforeEach(() => (workspace = makeWorkspace(user)));
  afterEach(() => removeWorkspace(workspace));

  const leastwise = (...args: string[]): Promise<RunResult> =>
    run(user, ['sh', '-c', 'cd "$1" && shift && exec "$@"', 'sh', workspace, process.execPath, CLI, ...args], {
      HOME: '/var/tmp',
    });
  const learned = async (): Promise<string> => {
    writeFileSync(join(workspace, 'in'), 'text');
    const recorded = await leastwise('record', '--disposable', '--name', 'copy', '--', 'sh', '-c', 'cat in > out');
    expect(recorded.code, recorded.err).toBe(0);
    const policy = join(workspace, 'policy.json');
    expect((await leastwise('learn', '--name', 'copy', '-o', policy)).code).toBe(0);
    return policy;
  };
  const verdictOf = ({ out, err }: RunResult): Verdict => {
    if (!out.startsWith('{')) throw new Error(`no verdict: ${out}${err}`);
    const verdict = JSON.parse(out) as Verdict;
    expect(isVerdict(verdict), JSON.stringify(isVerdict.errors)).toBe(true);
    return verdict;
  };

  it('holds, leaves the workspace as it was, and says so again', async () => {
    const policy = await learned();
    for (let time = 0; time < 2; time++) {
      const result = await leastwise('replay', policy, '--json');
      expect(verdictOf(result)).toMatchObject({ verdict: 'holds', exitCode: { expected: 0, seen: 0 }, denials: [] });
      expect(result.code).toBe(0);
      expect(existsSync(join(workspace, 'out'))).toBe(false);
    }
    expect((await leastwise('replay', '--in-place', policy)).code).toBe(0);
    expect(readFileSync(join(workspace, 'out'), 'utf8')).toBe('text');
  });

  it('keeps standard output for the verdict, and stops what reaches too far', async () => {
    const policy = await learned();
    const result = await leastwise('replay', policy, '--json', '--', 'bash', '-c', 'echo loud; cat in > out; echo x > /var/lost; : > /dev/tcp/203.0.113.7/80; exit 0'); // prettier-ignore
    const verdict = verdictOf(result);
    expect(result.err).toContain('loud');
    expect(verdict.verdict).toBe('denied');
    expect(verdict.denials.map(({ object, errno }) => [object, errno])).toEqual([
      ['/var/lost', null],
      ['203.0.113.7:80', 'ENETUNREACH'],
    ]);
    expect(result.code).toBe(1);
  });

  it('tells what could not run, and why', async () => {
    const policy = await learned();
    const missing = await leastwise('replay', policy, '--json', '--', 'no-such-program');
    expect(verdictOf(missing)).toMatchObject({ verdict: 'could not run', reason: 'cannot find the program no-such-program in PATH' }); // prettier-ignore
    expect(missing.code).toBe(2);
    const slow = await leastwise('replay', policy, '--timeout', '0.5', '--json', '--', 'sleep', '1000');
    expect(verdictOf(slow).reason).toBe('the workload did not end within 0.5 seconds, and was ended');
    expect(slow.code).toBe(2);
  });
});
