import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Console } from '../src/console.ts';
import type { Recording } from '../src/domain/recording.ts';
import { describeLearned } from '../src/learning/summary.ts';
import { policyText } from '../src/policy-file.ts';
import { launchOf } from '../src/policy-launch.ts';
import { measureExposure } from '../synthesizer/exposure.ts';
import { learnPolicy, type Learned } from '../synthesizer/learn.ts';
import { compileMxc, type HostFacts } from '../synthesizer/targets/mxc.ts';
import { GOLDEN, goldenCases, readGolden } from './helpers/golden.ts';

describe.each(goldenCases())('%s', (name) => {
  const { decisions, recording, host } = readGolden(name);
  const learned = learnPolicy([recording], { name, decisions });

  it.each([
    ['accesses.json', () => accessesText(recording)],
    ['policy.json', () => policyText(learned.policy)],
    ['summary.txt', () => summaryText(learned, host)],
  ])('gives the expected %s', async (file, text) => {
    await expect(text()).toMatchFileSnapshot(join(GOLDEN, name, file));
  });
});

/** A line an access: what changed shows in a diff. */
function accessesText({ info, processes, accesses }: Recording): string {
  const lines = (items: Iterable<unknown>) => [...items].map((item) => `  ${JSON.stringify(item)}`).join(',\n');
  const parts = { problems: info.problems, processes, accesses };
  const blocks = Object.entries(parts).map(([key, items]) => `${JSON.stringify(key)}: [\n${lines(items)}\n]`);
  return `{${blocks.join(',\n')}}\n`;
}

function summaryText(learned: Learned, host: HostFacts): string {
  const { policy } = learned;
  const compiled = compileMxc(policy, launchOf(policy, host.variables), host);
  const notes: string[] = [];
  const console: Console = { out: () => {}, note: (line) => notes.push(line), paint: (_colour, text) => text };
  describeLearned(
    policy,
    compiled,
    measureExposure(compiled, host, (path) => learned.wasTouched(path)),
    console,
  );
  return `${notes.join('\n')}\n`;
}
