/**
 * The main job on a sample agent, told on screen: record it, learn a policy, replay it, and stop one that reaches
 * too far. `node dist/samples/demo.js [--keep]`; exit code 0 only where all that came true.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Policy } from '../src/domain/policy.ts';
import type { Verdict } from '../src/domain/verdict.ts';
import { makeStage } from './stage.ts';

const CLI = fileURLToPath(new URL('../src/cli.js', import.meta.url));
const AGENT = fileURLToPath(new URL('agent.js', import.meta.url));
const MOST_SECONDS = 60;
/** What the overreaching agent tries beyond its task: the end of the object, and what that was. */
const ATTEMPTS = [
  { object: '.aws/credentials', words: 'the read of a credential' },
  { object: '.profile', words: 'the write outside the workspace' },
  { object: '192.0.2.10', words: 'the call of a host that nobody asked for' },
];

class StepFailed extends Error {}

interface Result {
  readonly code: number | null;
  readonly out: string;
  readonly all: string;
}

const stage = makeStage(process.env);
const policy = join(stage.folder, 'policy.json');
let everything = '';
let running: ChildProcess | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => running?.kill(signal));
try {
  await tell();
  end(0);
} catch (error) {
  if (!(error instanceof StepFailed)) throw error;
  say('', `The demo failed: ${error.message}`);
  end(1);
}

async function tell(): Promise<void> {
  say('A small coding agent mends a project whose tests fail. Leastwise watches it once, and from then on the');
  say('agent can do that, and nothing else. Its model is a script on this machine: nothing here needs a network.');
  say('', `  the project    ${stage.workspace}`, `  the home       ${stage.home}  (thrown away at the end)`);
  say('  a fake secret  ~/.aws/credentials in that home');
  await record();
  await learn();
  await replay();
  await stop();
  say('', 'All came true. Next: leastwise record -- YOUR-AGENT, in a project of your own.');
}

async function record(): Promise<void> {
  step(1, 'Record: the agent runs as always, everything is allowed, and what it does is written down.');
  const { code } = await leastwise('record', '--name', 'sample-agent', '--', process.execPath, AGENT);
  expect(code === 0, `step 1: the recording ended with exit code ${code}`);
  stage.putBack();
  say('(The project is put back as it was, its test fails again.)');
}

async function learn(): Promise<void> {
  step(2, 'Learn: from the recording comes the smallest policy that the agent can work under.');
  const { code } = await leastwise('learn', '--name', 'sample-agent', '-o', policy);
  expect(code === 0 || code === 1, `step 2: learning ended with exit code ${code}`);
  expect(!granted(readFileSync(policy, 'utf8')), 'step 2: the policy grants the credential or the home');
  say('The credential and the rest of the home are not among its grants, and nobody had to say so.');
}

/** Whether a policy's grants reach the home. */
function granted(document: string): boolean {
  const { filesystem } = JSON.parse(document) as Policy;
  return filesystem.some(({ access, path }) => access !== 'denied' && /^\$\{home\}(?:\/\.aws|$)/.test(path));
}

async function replay(): Promise<void> {
  step(3, 'Replay: the same agent, now held to the policy by MXC, over a copy-on-write view of the project.');
  const { code } = await leastwise('replay', policy);
  expect(code === 0, `step 3: the agent should have passed, the exit code is ${code}`);
  expect(stage.untouched(), 'step 3: the project or the home was changed by the replay');
  say('The agent did its work under the policy, and the project itself stayed as it was.');
}

async function stop(): Promise<void> {
  step(4, 'Stop: the same task by an agent that also reads a credential, writes elsewhere and calls out.');
  const command = [policy, '--', process.execPath, AGENT, '--overreach'];
  const { code } = await leastwise('replay', ...command);
  expect(code === 1, `step 4: it should have been stopped (exit code 1), the exit code is ${code}`);
  step(5, 'Check: the same as JSON, as a pipeline would read it, attempt by attempt.');
  const judged = verdictIn((await leastwise('replay', '--json', ...command)).out);
  expect(judged?.verdict === 'denied', `step 5: the verdict is "${judged?.verdict}", not "denied"`);
  for (const { object, words } of ATTEMPTS) {
    const denial = judged.denials.find((one) => one.object.includes(object) && !one.decided);
    expect(denial, `step 5: ${words} (${object}) is not named in the verdict`);
    say(
      `  stopped: ${words}: ${denial.operation} ${denial.object} (${denial.errno ?? 'landed in a throw-away place, and is lost'})`,
    );
  }
  checkSecret();
}

function checkSecret(): void {
  const leaks = [...stage.leaks(), ...(everything.includes(stage.secret) ? ['the output above'] : [])];
  expect(leaks.length === 0, `step 5: the fake secret is in ${leaks.join(', ')}`);
  expect(stage.untouched(), 'step 5: the project or the home was changed');
  say('', 'The fake secret is nowhere: not in the recordings, the policy, the verdicts or the output.');
  say('The home has no .profile, and the project is as it was.');
}

/** Runs one command line in the project, and shows it with what it prints. */
async function leastwise(...args: readonly string[]): Promise<Result> {
  say('', `$ leastwise ${args.map(quoted).join(' ')}`);
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: stage.workspace,
    env: { ...process.env, HOME: stage.home, LEASTWISE_STORE: undefined },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: MOST_SECONDS * 1000,
  });
  running = child;
  let out = '';
  let all = '';
  const json = args.includes('--json');
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      all += text;
      if (!json) process.stdout.write(text);
    });
  }
  const code = await new Promise<number | null>((done, failed) => child.on('error', failed).on('close', done));
  running = undefined;
  everything += all;
  if (json && code === 2) process.stdout.write(all);
  return { code, out, all };
}

/** The workload may print before it: the verdict is the JSON that ends the output. */
function verdictIn(out: string): Verdict | undefined {
  const plain = stripVTControlCharacters(out);
  for (const { index } of plain.matchAll(/^\{/gm)) {
    try {
      return JSON.parse(plain.slice(index)) as Verdict;
    } catch {
      continue;
    }
  }
  return undefined;
}

function step(number: number, text: string): void {
  say('', `── ${number}. ${text}`);
}

function quoted(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}

function expect(condition: unknown, message: string): asserts condition {
  if (!condition) throw new StepFailed(message);
}

function say(...lines: readonly string[]): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

function end(code: number): void {
  if (process.argv.includes('--keep')) say('', `Kept: ${stage.folder}`);
  else stage.remove();
  process.exitCode = code;
}
