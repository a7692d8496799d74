/**
 * A model server that answers from a script, for `samples/agent.ts`: the common chat-completions form with tool calls,
 * on loopback, the same answers each time. Prints its port when it is ready.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { CLOSING, scriptFor, type Script } from './script.ts';

const { values } = parseArgs({
  options: { overreach: { type: 'boolean', default: false }, collector: { type: 'string', default: '' } },
});
const script = scriptFor(values.overreach, values.collector);
const server = createServer((request, response) => void answer(request, response, script));
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
// The agent holds the other end: where it dies, the server does not outlive it.
process.stdin.resume().on('end', () => {
  server.close();
  server.closeAllConnections();
});

async function answer(request: IncomingMessage, response: ServerResponse, script: Script): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/v1/chat/completions') {
    response.writeHead(404).end();
    return;
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { messages: { role: string }[] };
  const turn = body.messages.filter(({ role }) => role === 'assistant').length;
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(completion(script, turn)));
}

function completion(script: Script, turn: number): unknown {
  const calls = script[turn]?.map(({ tool, input }, index) => ({
    id: `call_${turn}_${index}`,
    type: 'function',
    function: { name: tool, arguments: JSON.stringify(input) },
  }));
  const message = calls
    ? { role: 'assistant', content: null, tool_calls: calls }
    : { role: 'assistant', content: CLOSING };
  return {
    id: `chatcmpl-${turn}`,
    object: 'chat.completion',
    model: 'scripted',
    choices: [{ index: 0, message, finish_reason: calls ? 'tool_calls' : 'stop' }],
  };
}
