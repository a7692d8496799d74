import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import policySchema from '../policies/policy.schema.json' with { type: 'json' };
import showSchema from '../policies/show.schema.json' with { type: 'json' };
import verdictSchema from '../policies/verdict.schema.json' with { type: 'json' };
import { learnPolicy } from '../synthesizer/learn.ts';
import { mergePolicies } from '../synthesizer/merge.ts';
import { goldenCases, readGolden } from './helpers/golden.ts';
import { makeBench, type Bench } from './helpers/record.ts';

const ajv = new Ajv({ allErrors: true, allowUnionTypes: true });
const isPolicy = ajv.compile(policySchema);
const isShown = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(showSchema);
const isVerdict = ajv.compile(verdictSchema);

function expectValid(validate: ValidateFunction, value: unknown): void {
  validate(value);
  expect(validate.errors ?? []).toEqual([]);
}

describe.each(goldenCases())('of %s', (name) => {
  const { recording, decisions } = readGolden(name);
  const { policy } = learnPolicy([recording], { name, decisions, check: ['true'] });

  it('the policy is as its schema says, merged too', () => {
    expectValid(isPolicy, policy);
    expectValid(isPolicy, mergePolicies(policy, policy));
  });

  it('the recording is as its schema says', () => {
    const { info, processes, accesses } = recording;
    expectValid(isShown, { recording: info, processes, accesses: [...accesses] });
  });
});

describe('a real run', () => {
  let bench: Bench;
  beforeAll(() => {
    bench = makeBench('/var/tmp');
    writeFileSync(join(bench.folder, 'in'), 'x');
    bench.record('sh', '-c', 'cat in > out; cat missing; ls; exit 0');
    const learned = bench.run('learn', '-o', 'p.json');
    expect(learned.status, learned.stderr).toBe(0);
  });
  afterAll(() => bench.dispose());

  it('is shown as the schema says', () => expectValid(isShown, bench.show()));

  it.each([
    ['holds', []],
    ['is stopped', ['--', 'sh', '-c', 'cat /var/tmp/elsewhere; cat in > out']],
  ])('is judged as the schema says: %s', (_how, command) => {
    const ended = bench.run('replay', 'p.json', '--json', ...command);
    expectValid(isVerdict, JSON.parse(ended.stdout));
  });

  it('that could not be judged is told as the schema says', () => {
    rmSync(join(bench.folder, 'in'));
    const ended = bench.run('replay', 'p.json', '--json', '--', './no-such-program');
    expectValid(isVerdict, JSON.parse(ended.stdout));
  });
});
