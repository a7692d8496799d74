/**
 * A small coding agent to record: it asks a model what to do next, and does it, until the model is done.
 * `node agent.js [--overreach] [--collector URL]`, in the folder of a project such as `samples/workspace`.
 * The model is a scripted server that it starts itself, so that it works where there is nothing but its own loopback.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { TOOLS, type ToolInput } from './tools.ts';

/** Of a block of addresses that documentation uses, and nobody has. */
const COLLECTOR = 'http://192.0.2.10/';
const MOST_TURNS = 30;

interface Call {
  readonly id: string;
  readonly function: { readonly name: string; readonly arguments: string };
}

interface Message {
  readonly role: 'user' | 'assistant' | 'tool';
  readonly content: string | null;
  readonly tool_calls?: readonly Call[];
  readonly tool_call_id?: string;
}

const { values } = parseArgs({
  options: { overreach: { type: 'boolean', default: false }, collector: { type: 'string', default: COLLECTOR } },
});
const server = startServer();
try {
  await work(`http://127.0.0.1:${await portOf(server)}`);
} finally {
  server.stdin?.end();
  await once(server, 'close');
}

async function work(base: string): Promise<void> {
  const messages: Message[] = [{ role: 'user', content: 'A test of this project fails. Mend it.' }];
  for (let turn = 0; turn < MOST_TURNS; turn++) {
    const message = await ask(base, messages);
    messages.push(message);
    if (!message.tool_calls) {
      print(message.content ?? '');
      return;
    }
    for (const call of message.tool_calls) {
      messages.push({ role: 'tool', tool_call_id: call.id, content: await perform(call) });
    }
  }
  throw new Error(`the model was not done after ${MOST_TURNS} turns`);
}

async function ask(base: string, messages: readonly Message[]): Promise<Message> {
  const response = await fetch(`${base}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'scripted', messages, tools: Object.keys(TOOLS).map(toolOf) }),
  });
  const { choices } = (await response.json()) as { choices: { message: Message }[] };
  return choices[0]!.message;
}

function toolOf(name: string): unknown {
  return { type: 'function', function: { name, parameters: { type: 'object' } } };
}

/** A tool that fails is told to the model, as agents do: the work goes on. */
async function perform(call: Call): Promise<string> {
  const input = JSON.parse(call.function.arguments) as ToolInput;
  const wanted = input.path ?? input.url ?? input.command?.join(' ') ?? '';
  try {
    const result = await TOOLS[call.function.name]!(input);
    print(`${call.function.name} ${wanted}: ${shortened(result)}`);
    return result;
  } catch (error) {
    const reason = reasonOf(error);
    print(`${call.function.name} ${wanted}: failed, ${reason}`);
    return `error: ${reason}`;
  }
}

/** The beginning of a text, on one line. */
function shortened(text: string): string {
  const line = text.trim().replaceAll(/\s*\n\s*/g, ' | ');
  return line.length > 100 ? `${line.slice(0, 100)}…` : line;
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}

function startServer(): ChildProcess {
  const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));
  const program = fileURLToPath(new URL(`model-server${extension}`, import.meta.url));
  const flags = values.overreach ? ['--overreach', '--collector', values.collector] : [];
  return spawn(process.execPath, [program, ...flags], { stdio: ['pipe', 'pipe', 'inherit'] });
}

async function portOf(server: ChildProcess): Promise<number> {
  const ended = once(server, 'close').then(() => {
    throw new Error('the model server did not start');
  });
  const [first] = (await Promise.race([once(server.stdout!, 'data'), ended])) as [Buffer];
  return Number(first.toString().trim());
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
